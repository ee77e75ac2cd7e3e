"""Page links: where a search stands, sealed for one caller (fhir-contract.md §4).

A token is the key's fingerprint (4 bytes), then the sealed payload: a form byte and msgpack, compressed when long; all
in unpadded base64url.  The same place in the same search is the same token.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from urllib.parse import unquote

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from fhir_facade.errors import Gone, Invalid
from fhir_facade.identity.subkeys import Secret, subkey
from fhir_facade.octets import octets
from fhir_facade.state.page_keys import PageKeys

_MARK = 4
_PLAIN, _COMPRESSED = b"\x00", b"\x01"
_WORTH_COMPRESSING = 120  # bytes
_LONGEST = 16_384  # characters; no URL that long arrives anywhere


class PageTokens:
    """Seals with the newest secret, opens with any.  Safe for threads.

    The fingerprints of the secrets are remembered in the state, so that a link outlives its key as 410 and not as 400.
    """

    def __init__(self, keys: Sequence[Secret], page_keys: PageKeys) -> None:
        if not keys:
            raise ValueError("page links need a secret to be sealed with")
        self._ciphers = {subkey(key, "page mark", _MARK): AESSIV(subkey(key, "page seal", 64)) for key in keys}
        self._newest = subkey(keys[0], "page mark", _MARK)
        self._page_keys = page_keys
        page_keys.remember(self._ciphers)

    def seal(self, payload: object, caller: str) -> str:
        """A token for whatever msgpack can hold (bytes too), which opens for this caller only."""
        packed = msgspec.msgpack.encode(payload)
        long = len(packed) > _WORTH_COMPRESSING
        text = _COMPRESSED + zlib.compress(packed, 9) if long else _PLAIN + packed
        return _written(self._newest + self._ciphers[self._newest].encrypt(text, [octets(caller)]))

    def open(self, token: str, caller: str) -> object:
        """What was sealed for this caller, as msgpack's plain types (a tuple comes back as a list).

        Raises ``Invalid`` for garbage, another caller's token and another deployment's; ``Gone`` for a retired key's.
        """
        raw = _read(token)
        mark, sealed = raw[:_MARK], raw[_MARK:]
        cipher = self._ciphers.get(mark)
        if cipher is None:
            raise Gone() if self._page_keys.known(mark) else _invalid()
        try:
            text = cipher.decrypt(sealed, [octets(caller)])
        except InvalidTag as error:
            raise _invalid() from error
        packed = zlib.decompress(text[1:]) if text[:1] == _COMPRESSED else text[1:]
        return msgspec.msgpack.decode(packed)


def _read(token: str) -> bytes:
    """The bytes of a token, also of one that a client encoded once too often or padded."""
    text = unquote(unquote(token[:_LONGEST])).rstrip("=")
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (Error, UnicodeEncodeError) as error:
        raise _invalid() from error
    if _written(raw) != text:  # other spellings of the same bytes are not ours
        raise _invalid()
    return raw


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _invalid() -> Invalid:
    return Invalid("This page link is not valid here; search again.", code="value", expression="_page")
