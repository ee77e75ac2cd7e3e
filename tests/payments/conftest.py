"""Payments to begin with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from fhir_facade.payments.payment import BillShare, Payment, Target
from fhir_facade.payments.states import State
from tests.people import ANNA, NOW


def payment(id: str = "p1", **more: Any) -> Payment:
    """Anna is about to pay 85.50 for her bill 9301."""
    given: dict[str, Any] = {
        "state": State.OPEN,
        "patient": ANNA,
        "billing_system": "practice",
        "target": Target("Invoice", "9301"),
        "amount": Decimal("85.50"),
        "currency": "USD",
        "shares": (BillShare("9301", Decimal("85.50")),),
        "gateway": "main",
        "reference": f"session-{id}",
        "created": NOW,
        "changed": NOW,
        "expires": NOW + dt.timedelta(minutes=30),
        "due": NOW,
    }
    return Payment(id=id, **(given | more))
