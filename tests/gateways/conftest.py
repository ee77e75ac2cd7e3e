"""A demo gateway on a loopback socket, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fhir_facade.gateways.redirect import Redirect
from fhir_facade.sandbox.gateway import DemoGateway
from tests.gateways.hosted import Clock, opened
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
