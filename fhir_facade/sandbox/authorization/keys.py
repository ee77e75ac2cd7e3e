"""The key that signs tokens: made at the start, gone at the end."""

from __future__ import annotations

from joserfc.jwk import KeySet, RSAKey

ALGORITHM = "RS256"


def signing_keys() -> KeySet:
    """One private key, named by its thumbprint."""
    made = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM})
    return KeySet([RSAKey.import_key(made.as_dict(private=True) | {"kid": made.thumbprint()})])
