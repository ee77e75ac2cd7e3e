"""A payment to be told, for tests."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from fhir_facade.backends.posting import Posting
from tests.backends.athenahealth.conftest import ANNA

METHODS = {"visa": "MC/VISA", "amex": "AMEX", "cash": "CASH"}
RECORD: dict[str, Any] = {"via": "recordpayment", "department": "1", "methods": METHODS}
VENDOR: dict[str, Any] = {
    "via": "vendor",
    "department": "1",
    "methods": METHODS,
    "vendor_code": "ACME",
    "terminal_id": "T1",
}
CAPTURED = dt.datetime(2026, 3, 2, 4, 30, tzinfo=dt.UTC)  # the evening before, in Eastern time


def posting(bills: dict[str, str] | None = None, visit: str = "", copay: str = "0", **changes: Any) -> Posting:
    """A payment by Visa of so much for each bill, for an appointment, and ``other`` for neither."""
    shares = {number: Decimal(amount) for number, amount in (bills or {}).items()}
    other = Decimal(changes.pop("other", "0"))
    fields: dict[str, Any] = {
        "payment": "a-ledger-id",
        "patient": ANNA,
        "amount": sum(shares.values(), Decimal(copay) + other),
        "currency": "USD",
        "captured": CAPTURED,
        "tender": "card",
        "brand": "visa",
        "last4": "1111",
        "settings": RECORD,
    }
    return Posting(bills=shares, visit=visit, visit_amount=Decimal(copay), other=other, **fields | changes)
