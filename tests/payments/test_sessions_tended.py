"""Sessions: the gateway that says nothing is asked, what nobody pays ends, what is held is taken or let go of."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.errors import Unreachable
from fhir_facade.events import Event
from fhir_facade.gateways.port import Outcome
from fhir_facade.payments.decision import Decision, Verb
from fhir_facade.payments.payment import Mode, Payment
from fhir_facade.payments.states import State
from fhir_facade.payments.sweeping import UNKNOWN_CAPTURE, Sweeping
from tests.payments.bench import Bench, bench, run_until_killed
from tests.payments.conftest import payment
from tests.payments.fakes import Fate


@pytest.fixture
def place() -> Iterator[Bench]:
    with bench() as made:
        yield made


def opened(place: Bench, **more: Any) -> Payment:
    begun = place.ledger.add(payment(**more), [], "caller")
    place.gateway.stand(begun, Outcome.OPEN)
    return begun


def test_a_payment_of_which_no_notification_came_is_asked_for(place: Bench) -> None:
    begun = opened(place)
    place.settle(0.1)
    assert place.state() is State.OPEN
    place.gateway.stand(begun, Outcome.CAPTURED)
    place.settle(0.2)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})
    assert place.gateway.log.count("ask") < 12


def test_what_nobody_pays_expires_and_is_let_go_of(place: Bench) -> None:
    opened(place)
    place.settle(0.4)
    assert place.state() is State.OPEN
    place.settle(0.2)
    assert (place.state(), place.gateway.log.count("release")) == (State.EXPIRED, 1)


def test_money_that_was_taken_after_the_end_counts(place: Bench) -> None:
    begun = opened(place)
    place.settle(0.6)
    assert place.state() is State.EXPIRED
    place.gateway.stand(begun, Outcome.CAPTURED)
    place.settle(2)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})


def test_money_that_was_taken_in_the_last_moment_counts(place: Bench) -> None:
    begun = opened(place)

    def pay(call: str) -> None:
        if call == "release":
            place.gateway.stand(begun, Outcome.CAPTURED)

    place.gateway.during = pay
    place.settle(0.6)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})


def test_after_its_end_a_session_is_asked_for_twice(place: Bench) -> None:
    opened(place)
    place.settle(0.6)
    asked = place.gateway.log.count("ask")
    place.settle(80)
    assert place.gateway.log.count("ask") == asked + 2
    assert place.one().due is None


def test_a_session_that_was_never_begun_ends(place: Bench) -> None:
    place.ledger.add(payment(reference=""), [], "caller")
    place.settle(1)
    assert (place.state(), place.gateway.log) == (State.EXPIRED, [])


def test_a_gateway_that_is_silent_holds_no_lock_for_ever_and_is_asked_on(place: Bench) -> None:
    begun = opened(place)
    place.gateway.silent = 9_999
    place.settle(24)
    assert place.state() is State.OPEN
    place.settle(2)
    assert place.state() is State.EXPIRED
    place.gateway.stand(begun, Outcome.CAPTURED)
    place.gateway.silent = 0
    place.settle(1)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})
    assert Event.GATEWAY_SILENT in [code for code, _ in place.events]


def test_a_gateway_that_breaks_is_told_and_asked_later(place: Bench) -> None:
    begun = opened(place)
    place.gateway.stand(begun, Outcome.CAPTURED)
    place.gateway.surprising = 2
    place.settle(1)
    assert place.state() is State.POSTED
    assert [facts["fault"] for code, facts in place.events if code is Event.WORKER_SURPRISED] == ["KeyError"] * 2


def test_a_gateway_that_is_gone_from_the_settings_is_waited_for(place: Bench) -> None:
    opened(place, gateway="gone")
    place.settle(1)
    assert place.state() is State.OPEN


def held(place: Bench, **more: Any) -> Payment:
    begun = place.ledger.add(
        payment(
            state=State.AUTHORIZED,
            mode=Mode.AUTHORIZE,
            shares=(),
            visit="5001",
            amount=Decimal("20.00"),
            held=Decimal("20.00"),
            **more,
        ),
        [],
        "caller",
    )
    place.gateway.stand(begun, Outcome.AUTHORIZED)
    return begun


@pytest.mark.parametrize(
    ("due", "taken", "reason"),
    [("20", "20.00", ""), ("7.5", "7.50", "less-is-due"), ("25.00", "20.00", "")],
)
def test_what_is_held_is_taken_when_the_site_says_so_and_never_more(
    place: Bench, due: str, taken: str, reason: str
) -> None:
    held(place)
    place.decide = lambda _: Decision(Verb.CAPTURE, Decimal(due))
    place.settle(1)
    assert (place.state(), place.poster.amounts, place.told()) == (State.POSTED, {"p1": Decimal(taken)}, {"p1": 1})
    assert str(place.one().amount) == taken
    assert (reason in [step.reason for step in place.ledger.history("p1")]) is True


@pytest.mark.parametrize(
    "decision",
    [Decision(Verb.RELEASE, reason="cancelled"), Decision(Verb.CAPTURE, Decimal(0)), Decision(Verb.RELEASE)],
)
def test_what_is_held_is_let_go_of_when_nothing_is_due(place: Bench, decision: Decision) -> None:
    held(place)
    place.decide = lambda _: decision
    place.settle(1)
    assert (place.state(), place.gateway.taken) == (State.VOIDED, {})


def test_a_hold_is_let_go_of_a_day_before_it_ends(place: Bench) -> None:
    held(place)
    place.settle(6 * 24 - 1)
    assert place.state() is State.AUTHORIZED
    place.settle(2)
    assert (place.state(), place.gateway.taken) == (State.VOIDED, {})


def test_a_site_that_cannot_be_asked_is_asked_again_and_a_broken_one_too(place: Bench) -> None:
    held(place)
    answers: Iterator[Decision | Exception] = iter(
        [Unreachable("no"), KeyError("visit"), Decision(Verb.CAPTURE, Decimal("20"))]
    )

    def decide(_: Payment) -> Decision:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    place.decide = decide
    place.settle(1)
    assert place.state() is State.POSTED


def test_the_site_says_when_it_is_to_be_asked_again(place: Bench) -> None:
    asked: list[dt.datetime] = []
    again = place.now() + dt.timedelta(hours=5)

    def decide(_: Payment) -> Decision:
        asked.append(place.now())
        return Decision(Verb.WAIT, again=again)

    held(place)
    place.decide = decide
    place.settle(4.9)
    assert asked == [again - dt.timedelta(hours=5)]


@pytest.mark.parametrize(
    "decision", [Decision(Verb.CAPTURE, Decimal("7.50")), Decision(Verb.RELEASE, reason="no-show")]
)
def test_killed_at_any_operation_it_is_taken_once_or_let_go_of(decision: Decision) -> None:
    for at in itertools.count(1):
        with bench() as place:
            held(place)
            place.decide = lambda _: decision
            killed = run_until_killed(place.worker("first", Fate(at)))
            place.settle(3)
            taken = place.gateway.taken["session-p1"]
            if decision.verb is Verb.CAPTURE and place.state() is State.NEEDS_REVIEW:
                assert place.one().reason, at
            elif decision.verb is Verb.CAPTURE:
                assert (place.state(), taken, place.told()) == (State.POSTED, 1, {"p1": 1}), at
                assert place.poster.amounts == {"p1": Decimal("7.50")}, at
            else:
                assert (place.state(), taken, place.told()) == (State.VOIDED, 0, {}), at
            if not killed:
                break
    assert at > 5


def sweep(place: Bench, minutes: float = 0) -> None:
    place.now.advance(minutes * 60)
    Sweeping(place.shop()).chore()


def test_a_capture_that_the_ledger_does_not_know_is_for_somebody_to_look_at_once(place: Bench) -> None:
    place.gateway.stand(payment("lost", amount=Decimal("12.30")), Outcome.CAPTURED)
    for minutes in (0, 1, 60, 60):
        sweep(place, minutes)
    (found,) = place.ledger.listed()
    assert (found.state, found.reason, found.reference) == (State.NEEDS_REVIEW, UNKNOWN_CAPTURE, "session-lost")
    assert (found.amount, found.currency, found.tender.kind, found.due) == (Decimal("12.30"), "USD", "card", None)
    assert [code for code, _ in place.events] == [Event.CAPTURE_UNKNOWN]
    assert not place.worker().turn()


def test_a_sweep_finds_a_capture_of_which_nobody_told(place: Bench) -> None:
    begun = opened(place, due=None)
    place.gateway.stand(begun, Outcome.CAPTURED)
    sweep(place)
    place.settle(0.1)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})
    sweep(place, 60)
    assert place.state() is State.POSTED


def test_it_is_swept_once_an_hour_by_one_worker_and_from_where_it_ended(place: Bench) -> None:
    for minutes in (0, 1, 30, 30, 1):
        sweep(place, minutes)
    assert place.gateway.log == ["captured_since"] * 2
    place.gateway.silent = 3
    sweep(place, 60)
    sweep(place, 60)
    sweep(place, 60)
    place.gateway.stand(payment("lost"), Outcome.CAPTURED)
    place.now.advance(-3 * 3600)
    place.gateway.stand(payment("older"), Outcome.CAPTURED)
    place.now.advance(4 * 3600)
    sweep(place)
    assert {each.reference for each in place.ledger.listed()} == {"session-lost", "session-older"}
