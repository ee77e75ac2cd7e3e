"""A demo gateway on a loopback socket, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fhir_facade.gateways.port import GatewayContext
from fhir_facade.gateways.redirect import Redirect
from fhir_facade.gateways.stripe import Stripe
from fhir_facade.sandbox.gateway import DemoGateway
from fhir_facade.state.memory import MemoryStore
from tests.gateways.hosted import Clock, opened
from tests.gateways.stripe_stub import KEY, WEBHOOK_SECRET, StripeStub, serving
from tests.people import NOW


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def demo(clock: Clock) -> Iterator[DemoGateway]:
    with DemoGateway(now=clock) as demo:
        yield demo


@pytest.fixture
def redirect(demo: DemoGateway, clock: Clock) -> Iterator[Redirect]:
    gateway = opened(demo, clock)
    yield gateway
    gateway.close()


@pytest.fixture
def stub(clock: Clock) -> StripeStub:
    return StripeStub(clock)


@pytest.fixture
def api(stub: StripeStub) -> Iterator[str]:
    with serving(stub) as url:
        yield url


@pytest.fixture
def stripe(api: str, clock: Clock) -> Iterator[Stripe]:
    settings = {"secret_key": KEY, "webhook_secret": WEBHOOK_SECRET, "api_base": api}
    gateway = Stripe.open(settings, GatewayContext("main", MemoryStore(), clock))
    yield gateway
    gateway.close()
