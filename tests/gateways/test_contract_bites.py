"""The conformance suite notices: each gateway with a fault fails the behaviours that speak of the fault."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.gateways.errors import GatewayUnreachable
from fhir_facade.gateways.port import GatewayContext, Outcome, Result
from fhir_facade.gateways.redirect import Redirect
from fhir_facade.sandbox.gateway import DemoGateway
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing import GatewayContract
from fhir_facade.testing.gateway_fixtures import Desk
from tests.gateways.bad_gateways import FAULTS
from tests.gateways.hosted import Clock, Other, new_session, opened

pytest_plugins = ["pytester"]

BEHAVIOURS = {name.split("_")[1]: name for name in dir(GatewayContract) if name.startswith("test_")}


class Sick(Redirect):
    """A gateway that is down, said as it should be."""

    def ask(self, reference: str) -> Result:
        raise GatewayUnreachable("status: could not be reached")


class SickAndOpen(Sick):
    def ask(self, reference: str) -> Result:
        return Result(reference, reference, Outcome.OPEN)


class SickAndRaw(Sick):
    def ask(self, reference: str) -> Result:
        raise ConnectionRefusedError


class SickAndTalkative(Sick):
    def ask(self, reference: str) -> Result:
        failure = GatewayUnreachable("status")
        failure.diagnostics = "connection to 10.0.0.7 refused"
        raise failure


def failed(demo: DemoGateway, clock: Clock, type_: type[Redirect], sick: type[Redirect] = Sick) -> set[str]:
    """The numbers of the behaviours that fail."""
    desk = Desk(opened(demo, clock, type_), Other(demo, clock), lambda **more: new_session(clock(), **more))
    given = {
        **desk._asdict(),
        "desk": desk,
        "sick_gateway": opened(demo, clock, sick),
        "gateway_at": lambda ahead: opened(demo, lambda: clock() + ahead, type_),
    }
    return {number for number, name in BEHAVIOURS.items() if _fails(getattr(GatewayContract, name), given)}


def _fails(behaviour: Any, given: dict[str, Any]) -> bool:
    return any(_fails_once(behaviour, {**given, **more}) for more in _cases(behaviour))


def _cases(behaviour: Any) -> Iterator[dict[str, Any]]:
    marks = [mark for mark in getattr(behaviour, "pytestmark", ()) if mark.name == "parametrize"]
    yield from ({mark.args[0]: value} for mark in marks for value in mark.args[1])
    if not marks:
        yield {}


def _fails_once(behaviour: Any, given: dict[str, Any]) -> bool:
    wanted = {name: given[name] for name in inspect.signature(behaviour).parameters if name != "self"}
    try:
        behaviour(GatewayContract(), **wanted)
    except (Exception, pytest.fail.Exception):  # any failure at all is a bite
        return True
    return False


def test_a_good_gateway_fails_nothing(demo: DemoGateway, clock: Clock) -> None:
    assert failed(demo, clock, Redirect) == set()


@pytest.mark.parametrize("bad", FAULTS, ids=lambda bad: bad.__name__)
def test_a_fault_is_noticed_by_the_behaviours_that_speak_of_it(
    demo: DemoGateway, clock: Clock, bad: type[Redirect]
) -> None:
    assert set(FAULTS[bad].split()) - failed(demo, clock, bad) == set()


@pytest.mark.parametrize("bad", [SickAndOpen, SickAndRaw, SickAndTalkative])
def test_a_sick_gateway_that_is_not_said_so_is_noticed(demo: DemoGateway, clock: Clock, bad: type[Redirect]) -> None:
    assert failed(demo, clock, Redirect, bad) == {"7b"}


def test_every_behaviour_has_bitten() -> None:
    assert {number for numbers in FAULTS.values() for number in numbers.split()} | {"7b"} == set(BEHAVIOURS)


def test_the_contract_asks_for_what_it_needs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from fhir_facade.testing import GatewayContract

        class TestForgetful(GatewayContract):
            pass
        """
    )
    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*NotImplementedError: give a fixture: gateway"])


def test_a_gateway_without_capabilities_is_not_asked_for_them(demo: DemoGateway, clock: Clock) -> None:
    plain = Redirect.open(
        {"url": demo.settings["url"], "secret": demo.secret}, GatewayContext("main", MemoryStore(), clock)
    )
    assert (plain.capabilities, plain.hold_days) == (frozenset(), 0.0)
    for call in (
        lambda: plain.capture("x", Decimal(1)),
        lambda: plain.void("x"),
        lambda: list(plain.captured_since(clock())),
    ):
        with pytest.raises(NotImplementedError):
            call()
    plain.close()
