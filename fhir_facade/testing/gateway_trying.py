"""Pays, holds and compares, the way the gateways' conformance suite needs it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from fhir_facade.gateways.errors import BadNotification, GatewayError
from fhir_facade.gateways.port import Capability, Gateway, Outcome, Result, Started
from fhir_facade.testing.gateway_fixtures import Notification


def needs(gateway: Gateway, capability: Capability) -> None:
    if capability not in gateway.capabilities:
        pytest.skip(f"does not declare the capability {capability.value}")


def check_money(result: Result) -> None:
    """What is true of every result about money."""
    assert result.at is not None
    assert result.at.tzinfo is not None
    assert re.fullmatch("[A-Z]{3}", result.currency)
    assert re.fullmatch("([0-9]{4})?", result.last4)
    assert not re.search("[0-9]{5}", result.tender + result.brand)
    assert result.amount is not None
    assert result.amount.is_finite()
    assert result.amount > 0


def essence(result: Result) -> tuple[object, ...]:
    return result.payment, result.reference, result.outcome, result.amount, result.currency


def is_refused(gateway: Gateway, notification: Notification) -> bool:
    try:
        list(gateway.notified(*notification))
    except BadNotification as refusal:
        return refusal.status in (400, 401) and refusal.diagnostics == type(refusal).template
    return False


def tampered(value: str) -> list[str]:
    """The value with a digit of it changed, at each of some places."""
    places = [place for place, letter in enumerate(value) if letter.isdigit()][::7]
    return [value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :] for place in places]


def captures_nothing(gateway: Gateway, started: Started) -> bool:
    try:
        return gateway.capture(started.reference, Decimal("1.00")).outcome is not Outcome.CAPTURED
    except GatewayError:
        return True
