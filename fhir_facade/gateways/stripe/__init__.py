"""The Stripe gateway: Checkout Sessions by Stripe's own SDK.  https://docs.stripe.com/payments/checkout"""

from __future__ import annotations

from fhir_facade.gateways.stripe.gateway import Stripe

__all__ = ["Stripe"]
