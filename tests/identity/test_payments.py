"""The ledger's ids as gateways get them."""

from __future__ import annotations

import re

from fhir_facade.identity.payments import PaymentIds

ID = "0f" * 16
KEY, OLD = b"k" * 32, b"o" * 32


def test_an_id_comes_back_from_its_own_gateway_alone() -> None:
    ids = PaymentIds([KEY])
    sealed = ids.sealed("main", ID)
    assert re.fullmatch(r"[A-Za-z0-9.-]{43}", sealed)
    assert ID not in sealed
    assert ids.sealed("main", ID) == sealed != ids.sealed("other", ID)
    assert ids.opened("main", sealed) == ID
    assert ids.opened("other", sealed) is None


def test_what_an_older_key_sealed_is_opened_still() -> None:
    assert PaymentIds([KEY, OLD]).opened("main", PaymentIds([OLD]).sealed("main", ID)) == ID
    assert PaymentIds([KEY]).opened("main", PaymentIds([OLD]).sealed("main", ID)) is None


def test_garbage_opens_as_nothing() -> None:
    for text in ("", "x", "a" * 43, "ü", ID):
        assert PaymentIds([KEY]).opened("main", text) is None
