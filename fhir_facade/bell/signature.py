"""A signed token: told from an opaque one by its header, and believed once its signature is verified.

https://www.rfc-editor.org/rfc/rfc7515, https://www.rfc-editor.org/rfc/rfc8725
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from fhir_facade import wire
from fhir_facade.bell.claims import Claims
from fhir_facade.bell.header import LONGEST_TOKEN
from fhir_facade.bell.issuer import Issuer
from fhir_facade.bell.keys import TYPES, PublicKey
from fhir_facade.bell.refusal import Reason, Refusal

Header = Mapping[str, Any]


class _Registry(jws.JWSRegistry):
    """Certificates in a header are long, and headers that nobody needs to understand are no fault."""

    max_header_length = LONGEST_TOKEN


class Verifier:
    """Verifies with the issuer's keys, by ``algorithms`` only."""

    def __init__(self, issuer: Issuer, algorithms: tuple[str, ...]) -> None:
        if unfit := [name for name in algorithms if name[:2] not in TYPES]:
            raise ValueError(f"no algorithm of a public key: {', '.join(unfit)}")
        self._issuer, self._algorithms = issuer, frozenset(algorithms)
        self._registry = _Registry(algorithms=sorted(algorithms), strict_check_header=False)

    def claims(self, token: str, header: Header) -> Claims:
        """The claims, if the signature is one of the issuer's; refuses others."""
        algorithm, id = header["alg"], header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            raise Refusal(Reason.ALGORITHM)
        if header.keys() & {"crit", "b64"} or not isinstance(id, str | None):
            raise Refusal(Reason.MALFORMED)
        signed = self._read(token)
        fitting = _fitting(self._issuer.keys(), algorithm, id)
        if self._is_signed(signed, fitting):
            return _claims(signed.payload)
        if fitting and id is not None:
            raise Refusal(Reason.SIGNATURE)
        newer = _fitting(self._issuer.newer_keys(), algorithm, id)
        if self._is_signed(signed, newer):
            return _claims(signed.payload)
        raise Refusal(Reason.SIGNATURE if newer else Reason.UNKNOWN_KEY)

    def _read(self, token: str) -> jws.CompactSignature:
        try:
            return jws.extract_compact(token.encode("ascii"), registry=self._registry)
        except (JoseError, ValueError, RecursionError):
            raise Refusal(Reason.MALFORMED) from None

    def _is_signed(self, signed: jws.CompactSignature, keys: Iterable[PublicKey]) -> bool:
        return any(self._is_signed_with(signed, key) for key in keys)

    def _is_signed_with(self, signed: jws.CompactSignature, key: PublicKey) -> bool:
        try:
            return jws.validate_compact(signed, key.key, registry=self._registry)
        except (JoseError, ValueError):
            return False  # a key of another curve, or a signature that cannot be read


def header(token: str) -> Header | None:
    """The header of a signed token; None for an opaque one."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        found = wire.decode(base64.b64decode(parts[0] + "=" * (-len(parts[0]) % 4), b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "alg" in found else None


def _fitting(keys: Iterable[PublicKey], algorithm: str, id: str | None) -> list[PublicKey]:
    return [key for key in keys if key.fits(algorithm, id)]


def _claims(payload: bytes | None) -> Claims:
    try:
        found = wire.decode(payload or b"")
    except (ValueError, RecursionError):
        raise Refusal(Reason.MALFORMED) from None
    if not isinstance(found, dict):
        raise Refusal(Reason.MALFORMED)
    return found
