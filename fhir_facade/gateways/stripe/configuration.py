"""What a site says about its Stripe account: the ``settings`` table and its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_facade.gateways.configuration import seconds, secret, url

API = "https://api.stripe.com"
SECONDS = 8.0
HOLD_DAYS = 7.0  # https://docs.stripe.com/payments/place-a-hold-on-a-payment-method

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["secret_key", "webhook_secret"],
    "properties": {
        "secret_key": {
            "description": "The account's secret key, or a restricted one.",
            "type": "string",
            "pattern": r"^(sk|rk)_(test|live)_\S+$",
            "errorMessage": "must be a key of Stripe's that begins with sk_ or rk_",
            "writeOnly": True,
            "examples": ["env:STRIPE_SECRET_KEY"],
        },
        "webhook_secret": {
            **secret("The signing secret of the webhook endpoint; a list is new, old.", 16),
            "examples": ["env:STRIPE_WEBHOOK_SECRET"],
        },
        "payment_methods": {
            "description": "Ways to pay that the page offers, by Stripe's names.",
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": "^[a-z_]+$"},
            "default": ["card"],
        },
        "hold_days": {
            "description": "How many days it holds an amount.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 31,
            "default": HOLD_DAYS,
        },
        "api_base": {**url("Another host in place of Stripe's (a proxy, a test)."), "default": API},
        "timeout_seconds": seconds(SECONDS),
    },
}
