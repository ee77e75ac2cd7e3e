"""A payment as a billing system is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fhir_facade.backends.posting import Posting
from fhir_facade.keys import SourceKey
from fhir_facade.payments.payment import Payment

_NOTHING = Decimal(0)


class NotAddingUp(ValueError):
    """The parts of a payment are not its amount: no billing system is told of it."""


def posting_of(payment: Payment, settings: Mapping[str, Any]) -> Posting:
    """What is told; ``settings`` is the authority's ``posting`` table.  ``NotAddingUp`` for wrong parts."""
    bills: dict[str, Decimal] = {}
    for share in payment.shares:
        bills[share.bill] = bills.get(share.bill, _NOTHING) + share.amount
    rest = payment.amount - sum(bills.values(), _NOTHING) - payment.other
    _must_add_up(payment, rest)
    return Posting(
        payment=payment.id,
        patient=SourceKey(payment.billing_system, payment.patient.value),
        amount=payment.amount,
        currency=payment.currency,
        captured=payment.captured or payment.created,
        bills=bills,
        visit=payment.visit,
        visit_amount=rest,
        other=payment.other,
        tender=payment.tender.kind,
        brand=payment.tender.brand,
        last4=payment.tender.last4,
        settings=settings,
    )


def _must_add_up(payment: Payment, rest: Decimal) -> None:
    """What is neither for bills nor for something else is for the visit; nothing is negative or not a number."""
    parts = [payment.amount, payment.other, *(share.amount for share in payment.shares)]
    if not all(part.is_finite() for part in parts) or payment.amount <= 0 or payment.other < 0:
        raise NotAddingUp
    if any(share.amount <= 0 for share in payment.shares) or (rest != 0 if not payment.visit else rest < 0):
        raise NotAddingUp
