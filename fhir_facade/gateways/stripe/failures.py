"""Stripe's errors in the house's words.  https://docs.stripe.com/error-handling"""

from __future__ import annotations

import stripe

from fhir_facade.gateways.errors import AmountNotTaken, GatewayBusy, GatewayError, GatewayRefused, GatewayUnreachable

_AMOUNTS = frozenset(
    ["amount_too_small", "amount_too_large", "invalid_charge_amount", "invalid_charge_amount_no_decimal_compatible"]
)
STATE = frozenset({"payment_intent_unexpected_state", "charge_already_refunded", "charge_already_captured"})
"""It cannot be done because of how things stand, and so may have been done already."""


def failure(error: stripe.StripeError) -> GatewayError:
    """Never with Stripe's own text; its ``code`` is a word of a list."""
    if isinstance(error, stripe.APIConnectionError):
        return error.__cause__ if isinstance(error.__cause__, GatewayError) else GatewayUnreachable("not reached")
    said = f"answered {error.http_status} {error.code or ''}".strip()
    if isinstance(error, stripe.RateLimitError):
        return GatewayBusy(said)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return GatewayRefused(said)
    return AmountNotTaken(said) if error.code in _AMOUNTS else GatewayError(said)


def is_about_state(error: stripe.StripeError) -> bool:
    """True if what was asked for cannot be done as things stand, which asking tells."""
    return isinstance(error, stripe.InvalidRequestError) and (error.code in STATE or error.code is None)
