"""The demo gateway as the other side of the redirect gateway, and sessions to begin there."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import requests

from fhir_facade.gateways import signing, standing
from fhir_facade.gateways.port import GatewayContext, Session, Started
from fhir_facade.gateways.redirect import NOTIFICATION, Redirect
from fhir_facade.sandbox.gateway import DemoGateway
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing.gateway_fixtures import Notification

_NUMBERS = itertools.count(1)
NOWHERE = "http://127.0.0.1:9/notify"  # the port of "discard": nobody listens


class Clock:
    """An instant that a test moves."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at

    def forward(self, **delta: float) -> None:
        self.at += dt.timedelta(**delta)


def new_session(now: dt.datetime, notify_url: str = NOWHERE, **more: Any) -> Session:
    """A session of a payment of its own, for 85.50 USD."""
    given: dict[str, Any] = {
        "payment": f"sealed-{next(_NUMBERS)}",
        "amount": Decimal("85.50"),
        "currency": "USD",
        "description": "Your bill 9301 of May 3 & 4 – 100% due",
        "expires": now + dt.timedelta(minutes=40),
        "return_url": "http://127.0.0.1:8080/back?state=x",
        "notify_url": notify_url,
    }
    return Session(**(given | more))


def opened(
    demo: DemoGateway, now: Callable[[], dt.datetime], type_: type[Redirect] = Redirect, **more: Any
) -> Redirect:
    """A redirect gateway in front of the demo gateway."""
    return type_.open({**demo.settings, **more}, GatewayContext("main", MemoryStore(), now))


def choose(url: str, action: str) -> requests.Response:
    """What a browser does when a patient presses a button; it does not follow the way back."""
    return requests.post(url, {"action": action}, allow_redirects=False, timeout=10)


class Other:
    """The demo gateway as the suite needs it."""

    def __init__(self, demo: DemoGateway, now: Callable[[], dt.datetime]) -> None:
        self._demo, self._now = demo, now

    def pay(self, session: Session, started: Started) -> None:
        choose(started.url, "pay-silently")

    def notification(self, started: Started) -> Notification:
        result = self._demo.sessions.find(started.reference).standing()
        body = standing.written(replace(result, event=f"evt-{secrets.token_hex(4)}"))
        return Notification(signed(self._demo.secret, int(self._now().timestamp()), body), body)


def signed(secret: str, time: int, body: bytes, nonce: str = "", purpose: str = NOTIFICATION) -> Mapping[str, str]:
    """The header of a notification."""
    nonce = nonce or secrets.token_hex(16)
    return {signing.HEADER: signing.signed_header((secret,), purpose, time, nonce, body)}
