"""The ledger: one payment for a key, one session for a bill, one worker for a payment, every step written down."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from fhir_facade.payments.payment import Target
from fhir_facade.payments.states import State
from fhir_facade.state.database import Database
from fhir_facade.state.ledger import Forbidden, Ledger, Lock, Locked, Outdated, Repeated
from tests.payments.conftest import payment
from tests.people import ANNA, BORIS, NOW
from tests.state.conftest import at_once, opened

BILL = Lock("bill", "9301")


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def ledger(database: Database, now: Now) -> Ledger:
    return Ledger(database, now)


def test_a_payment_is_what_was_put_in_to_the_cent(ledger: Ledger) -> None:
    begun = payment(amount=Decimal("100000000000000.10"), other=Decimal("0.30"))
    assert ledger.add(begun, [BILL], "caller") == begun
    assert ledger.get("p1") == begun == ledger.of_session("main", "session-p1")
    assert ledger.of_patient(ANNA) == [begun]
    assert ledger.of_patient(BORIS) == []
    assert ledger.get("p2") is None


def test_a_key_is_used_once_for_each_client_and_target(ledger: Ledger) -> None:
    begun = ledger.add(payment("p1", client="app", key="k"), [], "caller")
    with pytest.raises(Repeated) as repeated:
        ledger.add(payment("p2", client="app", key="k"), [], "caller")
    assert repeated.value.payment == begun == ledger.keyed("app", begun.target, "k")
    ledger.add(payment("p3", client="other", key="k"), [], "caller")
    ledger.add(payment("p4", client="app", key="k", target=Target("Account", "1")), [], "caller")
    ledger.add(payment("p5", client="app"), [], "caller")
    ledger.add(payment("p6", client="app"), [], "caller")


def test_what_a_session_pays_is_locked_until_it_ends(ledger: Ledger) -> None:
    first = ledger.add(payment("p1"), [BILL, Lock("visit", "5001")], "caller")
    with pytest.raises(Locked) as locked:
        ledger.add(payment("p2"), [Lock("bill", "1"), BILL], "caller")
    assert (locked.value.payment, ledger.get("p2")) == (first, None)
    ledger.add(payment("p3", billing_system="clinic"), [BILL], "caller")
    held = ledger.move(first, State.AUTHORIZED, "gateway")
    with pytest.raises(Locked):
        ledger.add(payment("p2"), [BILL], "caller")
    ledger.move(held, State.CAPTURED, "gateway")
    ledger.add(payment("p2"), [Lock("bill", "1"), BILL], "caller")


def test_steps_are_those_of_the_table_and_are_written_down(ledger: Ledger, now: Now) -> None:
    begun = ledger.add(payment(), [], "caller")
    with pytest.raises(Forbidden):
        ledger.move(begun, State.POSTED, "worker")
    now.now += dt.timedelta(minutes=1)
    captured = ledger.move(begun, State.CAPTURED, "gateway", captured=now.now, due=now.now)
    noted = ledger.note(captured, "worker", "not-sent", attempts=1)
    assert (noted.state, noted.attempts, noted.version) == (State.CAPTURED, 1, 2)
    assert [(step.before, step.after, step.by, step.reason) for step in ledger.history("p1")] == [
        ("", "open", "caller", ""),
        ("open", "captured", "gateway", ""),
        ("captured", "captured", "worker", "not-sent"),
    ]
    assert ledger.history("p1")[1].at == now.now == captured.changed


def test_of_two_changes_at_once_one_begins_anew(ledger: Ledger) -> None:
    begun = ledger.add(payment(), [BILL], "caller")
    ledger.move(begun, State.CAPTURED, "gateway")
    with pytest.raises(Outdated):
        ledger.move(begun, State.DECLINED, "gateway")
    assert [step.after for step in ledger.history("p1")] == ["open", "captured"]


def test_what_is_due_is_one_workers_until_its_time_is_over(ledger: Ledger, now: Now) -> None:
    due, later = payment("p1"), payment("p2", due=NOW + dt.timedelta(minutes=5))
    for each in (due, later, payment("p3", due=None)):
        ledger.add(each, [], "caller")
    assert ledger.claim("a", 120, 10) == [due]
    assert ledger.claim("b", 120, 10) == []
    now.now += dt.timedelta(seconds=119)
    assert ledger.renew(due, "a", 120) is True
    now.now += dt.timedelta(seconds=119)
    assert ledger.claim("b", 120, 10) == []
    now.now += dt.timedelta(seconds=1)
    assert ledger.claim("b", 120, 10) == [due]
    assert ledger.renew(due, "a", 120) is False
    ledger.release(due, "a")
    assert ledger.claim("c", 120, 10) == []
    ledger.release(due, "b")
    now.now += dt.timedelta(minutes=5)
    assert [each.id for each in ledger.claim("c", 120, 1)] == ["p1"]
    assert [each.id for each in ledger.claim("c", 120, 9)] == ["p2"]


def test_a_change_keeps_whoever_works_on_it(ledger: Ledger) -> None:
    begun = ledger.add(payment(), [], "caller")
    ledger.claim("a", 120, 1)
    ledger.move(begun, State.CAPTURED, "gateway")
    assert ledger.claim("b", 120, 1) == []


def test_payments_are_listed_by_state_and_day(ledger: Ledger) -> None:
    old = ledger.add(payment("p1", created=NOW - dt.timedelta(days=2)), [], "caller")
    new = ledger.add(payment("p2"), [], "caller")
    assert ledger.listed() == [old, new]
    assert ledger.listed(since=NOW) == [new]
    assert ledger.listed([State.CAPTURED]) == []


def test_many_sessions_at_once_lock_one_bill_once_and_take_each_payment_once(shared_url: str, now: Now) -> None:
    with opened(shared_url) as database:
        ledger = Ledger(database, now)

        def begin(number: int) -> bool:
            try:
                ledger.add(payment(f"p{number}"), [BILL], "caller")
            except (Locked, Outdated):
                return False
            return True

        assert sum(at_once(8, begin)) == 1
        for number in range(20):
            ledger.add(payment(f"q{number}"), [], "caller")
        taken = [each.id for some in at_once(4, lambda worker: ledger.claim(str(worker), 60, 9)) for each in some]
        assert len(taken) == len(set(taken)) == 21
