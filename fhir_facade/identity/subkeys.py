"""A key of its own for each use of a secret, so that what one use gives away is worth nothing to another."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Secret = bytes | str


def subkey(secret: Secret, use: str, length: int) -> bytes:
    """``length`` bytes for one use of ``secret``: HKDF with SHA-256, https://www.rfc-editor.org/rfc/rfc5869.

    Raises ``ValueError`` for an empty secret.
    """
    material = secret.encode() if isinstance(secret, str) else secret
    if not material:
        raise ValueError("an empty secret seals nothing")
    return HKDF(SHA256(), length, salt=b"fhir-facade", info=use.encode()).derive(material)
