"""What Stripe is told of a session: its amount, what it is for, and the sealed payment; nothing of the patient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from fhir_facade.gateways.port import Session
from fhir_facade.gateways.stripe.standing import PAYMENT

# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at, with a minute to get there
_SHORTEST, _LONGEST = dt.timedelta(minutes=31), dt.timedelta(hours=23, minutes=59)
_LONGEST_NAME = 250


def expiry(wanted: dt.datetime, now: dt.datetime) -> int:
    """Unix seconds: what is wanted, or the nearest that Stripe takes.  Longer does no harm: late money counts."""
    return int(min(max(wanted, now + _SHORTEST), now + _LONGEST).timestamp())


def described(session: Session, units: int, expires: int, methods: Sequence[str]) -> Mapping[str, Any]:
    """The parameters of a Checkout Session, paid in the currency that was asked for and no other."""
    payment = {PAYMENT: session.payment}
    price = {
        "currency": session.currency.lower(),
        "unit_amount": units,
        "product_data": {"name": session.description[:_LONGEST_NAME]},
    }
    return {
        "mode": "payment",
        "client_reference_id": session.payment,
        "metadata": payment,
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_method_types": list(methods),
        "payment_intent_data": {"metadata": payment} | ({"capture_method": "manual"} if session.hold else {}),
        "adaptive_pricing": {"enabled": False},
        "expires_at": expires,
        "success_url": session.return_url,
        "cancel_url": session.return_url,
    }
