"""The Stripe gateway keeps the contract, in front of a stub of Stripe's API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from fhir_facade.gateways.port import Gateway, GatewayContext, Session, Started
from fhir_facade.gateways.stripe import Stripe
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing import GatewayContract
from fhir_facade.testing.gateway_fixtures import Counterpart, Notification, Sessions
from tests.gateways.hosted import Clock, new_session
from tests.gateways.stripe_stub import KEY, WEBHOOK_SECRET, StripeStub, signature


def stripe_gateway(base: str, now: Callable[[], dt.datetime], **more: object) -> Stripe:
    settings = {"secret_key": KEY, "webhook_secret": WEBHOOK_SECRET, "api_base": base, **more}
    return Stripe.open(settings, GatewayContext("main", MemoryStore(), now))


class Other:
    """The stub as the suite needs it."""

    def __init__(self, stub: StripeStub) -> None:
        self._stub = stub

    def pay(self, session: Session, started: Started) -> None:
        self._stub.pay(started.reference)

    def notification(self, started: Started) -> Notification:
        body = self._stub.event("checkout.session.completed", self._stub.objects[started.reference])
        return Notification({"stripe-signature": signature(body, int(self._stub.now().timestamp()))}, body)


class TestStripe(GatewayContract):
    @pytest.fixture
    def gateway(self, stripe: Stripe) -> Gateway:
        return stripe

    @pytest.fixture
    def counterpart(self, stub: StripeStub) -> Counterpart:
        return Other(stub)

    @pytest.fixture
    def sessions(self, clock: Clock) -> Sessions:
        return lambda **more: new_session(clock(), **more)

    @pytest.fixture
    def gateway_at(self, api: str, clock: Clock) -> Callable[[dt.timedelta], Gateway]:
        return lambda ahead: stripe_gateway(api, lambda: clock() + ahead)

    @pytest.fixture(params=[401, 403, 404, 429, 500, "after", "refused"])
    def sick_gateway(
        self, request: pytest.FixtureRequest, stub: StripeStub, api: str, clock: Clock
    ) -> Iterator[Gateway]:
        stub.faults += [request.param] * 8
        base = "http://127.0.0.1:9" if request.param == "refused" else api
        with closing(stripe_gateway(base, clock)) as gateway:
            yield gateway
