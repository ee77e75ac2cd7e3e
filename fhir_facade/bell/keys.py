"""The issuer's public keys, and which of them may have signed a token.  https://www.rfc-editor.org/rfc/rfc7517#section-4"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwk
from joserfc.errors import JoseError

TYPES: Mapping[str, str] = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
"""The type of key by the first letters of an algorithm.  ``HS*``, of shared secrets, and ``none`` are not in here."""

_SHORTEST_MODULUS = 342  # base64url of 2048 bits: https://www.rfc-editor.org/rfc/rfc7518#section-3.3


@dataclass(frozen=True)
class PublicKey:
    """A key for signatures.  ``id`` and ``algorithm`` are "" where it does not say."""

    type: str
    id: str
    algorithm: str
    key: jwk.Key

    def fits(self, algorithm: str, id: str | None) -> bool:
        """Whether it may have made such a signature; a token without a key's id may be of any."""
        return (
            TYPES.get(algorithm[:2]) == self.type
            and self.algorithm in ("", algorithm)
            and (id is None or id == self.id)
        )


def public_keys(published: Iterable[Any]) -> list[PublicKey]:
    """Those of a key set that are for signatures and can be read; others are no fault of the set."""
    return [key for each in published if isinstance(each, dict) and (key := _public_key(each)) is not None]


def _public_key(data: dict[str, Any]) -> PublicKey | None:
    type = str(data.get("kty"))
    if type not in TYPES.values() or data.get("use", "sig") != "sig":
        return None
    if type == "RSA" and len(str(data.get("n", ""))) < _SHORTEST_MODULUS:
        return None
    try:
        key = jwk.import_key(data)
    except (JoseError, ValueError, TypeError, LookupError):
        return None
    return PublicKey(type, str(data.get("kid") or ""), str(data.get("alg") or ""), key)
