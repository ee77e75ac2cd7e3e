"""The redirect gateway keeps the contract, in front of the demo gateway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from fhir_facade.gateways.port import Gateway, GatewayContext
from fhir_facade.gateways.redirect import Redirect
from fhir_facade.sandbox.gateway import DemoGateway
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing import GatewayContract
from fhir_facade.testing.gateway_fixtures import Counterpart, Sessions
from tests.gateways.hosted import Clock, Other, new_session, opened


class TestRedirect(GatewayContract):
    @pytest.fixture
    def gateway(self, redirect: Redirect) -> Gateway:
        return redirect

    @pytest.fixture
    def counterpart(self, demo: DemoGateway, clock: Clock) -> Counterpart:
        return Other(demo, clock)

    @pytest.fixture
    def sessions(self, clock: Clock) -> Sessions:
        return lambda **more: new_session(clock(), **more)

    @pytest.fixture
    def gateway_at(self, demo: DemoGateway, clock: Clock) -> Callable[[dt.timedelta], Gateway]:
        return lambda ahead: opened(demo, lambda: clock() + ahead)

    @pytest.fixture(params=["error", "drop", "malformed", "throttled", "unauthorized", "refused"])
    def sick_gateway(self, request: pytest.FixtureRequest, demo: DemoGateway, clock: Clock) -> Iterator[Gateway]:
        if request.param != "refused":
            demo.fault(request.param)
        settings = {"url": "http://127.0.0.1:9/checkout"} if request.param == "refused" else {}
        gateway = Redirect.open(
            {"url": demo.settings["url"], "secret": demo.secret, **settings},
            GatewayContext("main", MemoryStore(), clock),
        )
        yield gateway
        gateway.close()
