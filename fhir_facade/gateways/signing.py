"""Signatures of the redirect protocol: HMAC-SHA256 in hexadecimal, by purpose.  Described in ``docs/gateways.md``.

A purpose stands before what is signed, so that no message can be passed off as one of another kind.
https://www.rfc-editor.org/rfc/rfc2104
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

SIGNATURE = "signature"  # the parameter that carries a URL's
HEADER = "payment-signature"  # the header that carries a message's


class Signed(NamedTuple):
    """What a signature header says: Unix seconds, a value that no other message has, and signatures."""

    time: int
    nonce: str
    signatures: tuple[str, ...]


def canonical(parameters: Mapping[str, str]) -> str:
    """``a=1&b=x%20y``: sorted by name, percent-encoded as RFC 3986 wants it (letters, digits, ``-._~`` stay)."""
    pairs = ((quote(name, safe=""), quote(value, safe="")) for name, value in sorted(parameters.items()))
    return "&".join(f"{name}={value}" for name, value in pairs)


def signature(secret: str, purpose: str, text: bytes) -> str:
    """Of the purpose, a newline and ``text``."""
    return hmac.new(secret.encode(), purpose.encode() + b"\n" + text, hashlib.sha256).hexdigest()


def is_signed(secrets: Sequence[str], purpose: str, text: bytes, signatures: Iterable[str]) -> bool:
    """True if one of the signatures is by one of the secrets.  All are compared, each in constant time."""
    wanted = [signature(secret, purpose, text).encode() for secret in secrets]
    given = [other.encode(errors="replace") for other in signatures]
    return sum(hmac.compare_digest(one, other) for one in wanted for other in given) > 0


def signed_url(url: str, secret: str, purpose: str, parameters: Mapping[str, str]) -> str:
    """The URL with its parameters and their signature."""
    text = canonical(parameters)
    return f"{url}?{text}&{SIGNATURE}={signature(secret, purpose, text.encode())}"


def url_is_signed(secrets: Sequence[str], purpose: str, parameters: Mapping[str, str]) -> bool:
    """True if the parameters of a URL carry a signature of all the others."""
    others = {name: value for name, value in parameters.items() if name != SIGNATURE}
    return is_signed(secrets, purpose, canonical(others).encode(), [parameters.get(SIGNATURE, "")])


def signed_header(secrets: Sequence[str], purpose: str, time: int, nonce: str, body: bytes) -> str:
    """The header's value: ``t=1764082800,n=9f3c,v1=…``, with one ``v1`` for each secret."""
    text = _dated(time, nonce, body)
    return ",".join([f"t={time}", f"n={nonce}", *(f"v1={signature(secret, purpose, text)}" for secret in secrets)])


def header_is_signed(secrets: Sequence[str], purpose: str, said: Signed, body: bytes) -> bool:
    """True if what a header says is so for this body."""
    return is_signed(secrets, purpose, _dated(said.time, said.nonce, body), said.signatures)


def parsed(header: str) -> Signed | None:
    """What a header says; None where it is not of that form, or says a thing twice."""
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    values = {name: [value for other, value in pairs if other == name] for name in ("t", "n", "v1")}
    if len(values["t"]) != 1 or len(values["n"]) != 1 or not values["v1"]:
        return None
    (time,), (nonce,) = values["t"], values["n"]
    if not (time.isascii() and time.isdigit() and len(time) <= 12 and 8 <= len(nonce) <= 128):
        return None
    return Signed(int(time), nonce, tuple(values["v1"]))


def _dated(time: int, nonce: str, body: bytes) -> bytes:
    return f"{time}.{nonce}.".encode() + body
