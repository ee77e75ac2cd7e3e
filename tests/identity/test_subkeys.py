"""Sub-keys: RFC 5869, one for each use."""

from __future__ import annotations

import hashlib
import hmac

from fhir_facade.identity.subkeys import subkey


def test_a_subkey_is_hkdf_as_the_rfc_writes_it() -> None:
    extracted = hmac.digest(b"fhir-facade", b"a secret", hashlib.sha256)
    expanded = hmac.digest(extracted, b"id seal\x01", hashlib.sha256)
    assert subkey("a secret", "id seal", 32) == expanded


def test_each_use_has_a_key_of_its_own_and_text_is_bytes() -> None:
    assert subkey("a secret", "id seal", 32) != subkey("a secret", "id hash", 32)
    assert subkey("a secret", "id seal", 32) == subkey(b"a secret", "id seal", 32)
