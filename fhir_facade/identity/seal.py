"""One secret's way of sealing: a deterministic cipher for who, keyed hashes for what.

AES-SIV gives the same ciphertext for the same text, and admits no change to it: https://www.rfc-editor.org/rfc/rfc5297
"""

from __future__ import annotations

from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from fhir_facade.identity.subkeys import Secret, subkey

OVERHEAD = 16
"""Bytes that a ciphertext is longer than its text."""


class Seal:
    """What one secret seals, opens and hashes.  Safe for threads."""

    def __init__(self, secret: Secret) -> None:
        self._cipher = AESSIV(subkey(secret, "id seal", 64))
        self._hash = blake2b(key=subkey(secret, "id hash", 32))

    def close(self, text: bytes, context: bytes) -> bytes:
        """``text`` sealed for one context."""
        return self._cipher.encrypt(text, [context])

    def open(self, sealed: bytes, context: bytes) -> bytes | None:
        """What was sealed for this context with this secret, or None."""
        try:
            return self._cipher.decrypt(sealed, [context])
        except InvalidTag:
            return None

    def hash(self, *parts: bytes, length: int) -> bytes:
        """At most 64 bytes that stand for ``parts``, and cannot be made or undone without the secret."""
        running = self._hash.copy()
        for part in parts:
            running.update(len(part).to_bytes(4, "big"))
            running.update(part)
        return running.digest()[:length]
