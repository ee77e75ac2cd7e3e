"""Stripe's webhooks: the SDK judges signatures, and each message is believed once and near its time.

https://docs.stripe.com/webhooks/signature
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import stripe

from fhir_facade.gateways.freshness import Freshness
from fhir_facade.gateways.stripe.shapes import EVENT, Event

HEADER = "stripe-signature"


class Webhooks:
    """``secrets``: newest first."""

    def __init__(self, secrets: Sequence[str], freshness: Freshness) -> None:
        self._secrets, self._freshness = secrets, freshness

    def event(self, headers: Mapping[str, str], body: bytes) -> Event:
        """The event of a genuine notification.  Raises ``BadNotification`` for all others."""
        header = headers.get(HEADER, "")
        if not header:
            raise self._freshness.refused("no-signature")
        if not header.isascii() or not any(_is_signed(body, header, secret) for secret in self._secrets):
            raise self._freshness.refused("bad-signature")
        # Stripe signs each try anew: its time and the body make the message, however the header is written.
        time = _time(header)
        self._freshness.judge(time, f"{time}.{hashlib.sha256(body).hexdigest()}")
        try:
            return EVENT.decode(body)
        except ValueError as error:
            raise self._freshness.unreadable() from error


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    """The SDK's judgement, without its clock: it looks for old ones alone."""
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, None))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _time(header: str) -> int:
    """The first one, as the SDK reads it."""
    return int(next(part[2:] for part in header.split(",") if part.startswith("t=")).partition("=")[0])
