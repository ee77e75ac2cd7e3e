"""What a worker does in each state, and who may do it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.posting import Declined, NotSent, Posting, Unsure, Verdict
from fhir_facade.errors import StateUnavailable, Unreachable
from fhir_facade.events import Event
from fhir_facade.keys import PatientKey
from fhir_facade.payments.carrying import RESTORED
from fhir_facade.payments.payment import BillShare, Payment
from fhir_facade.payments.settling import TO_REVERSE
from fhir_facade.payments.states import LATER, WORK, State
from fhir_facade.payments.watching import RESOLVED, Watching
from tests.payments.bench import Bench, bench
from tests.payments.conftest import payment
from tests.people import ANNA_AT_LAKESIDE, BORIS


@pytest.fixture
def place() -> Iterator[Bench]:
    with bench() as made:
        yield made


def codes(place: Bench) -> list[Event]:
    return [code for code, _ in place.events]


def test_every_state_that_is_work_is_in_the_table(place: Bench) -> None:
    assert set(place.worker()._engine.table) == WORK | {State.DECLINED, State.EXPIRED}


def test_what_was_captured_is_posted(place: Bench) -> None:
    place.captured()
    assert place.worker().turn()
    posted = place.one()
    assert (posted.state, posted.posted, posted.external, posted.flags) == (
        State.POSTED,
        place.now(),
        "batch-p1",
        ("overpaid",),
    )
    assert [(step.after, step.by) for step in place.ledger.history("p1")] == [
        ("captured", "caller"),
        ("posting", "worker"),
        ("posted", "worker"),
    ]
    assert place.poster.log == ["snapshot", "tell"]
    assert not place.worker().turn()


def test_telling_is_written_down_before_it_is_done(place: Bench) -> None:
    seen: list[tuple[str, State, str]] = []
    place.poster.during = lambda call, _: seen.append((call, place.state(), place.one().snapshot))
    place.captured()
    place.worker().turn()
    assert seen[0] == ("snapshot", State.CAPTURED, "")
    assert seen[1][:2] == ("tell", State.POSTING)
    assert '"balance":85.50' in seen[1][2]


def test_what_was_not_sent_is_tried_again_later_each_time(place: Bench) -> None:
    place.captured()
    place.poster.faults["tell"] = [(NotSent(), False)] * 3
    pauses = []
    for _ in range(3):
        place.worker().turn()
        due = place.one().due
        assert due is not None
        pauses.append((due - place.now()).total_seconds())
        assert not place.worker().turn()
        place.now.now = due
    assert pauses == [7.5, 15.0, 30.0]
    place.worker().turn()
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})


def test_a_snapshot_that_cannot_be_had_is_tried_again_and_a_broken_one_is_looked_at(place: Bench) -> None:
    place.captured()
    place.poster.faults["snapshot"] = [
        (NotSent(), False),
        (Unreachable("no route"), False),
        (KeyError("claims"), False),
    ]
    place.settle(1)
    assert (place.state(), place.one().reason) == (State.NEEDS_REVIEW, "fault: KeyError")
    assert place.told() == {}
    assert codes(place).count(Event.PAYMENT_UNPOSTED) == 2
    assert [facts["fault"] for code, facts in place.events if code is Event.WORKER_SURPRISED] == ["KeyError"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": (BillShare("9301", Decimal("85.49")),)},
        {"shares": (BillShare("9301", Decimal("85.51")),)},
        {"shares": (BillShare("9301", Decimal("85.50")), BillShare("9302", Decimal("0")))},
        {"other": Decimal("0.01")},
        {"other": Decimal("-1"), "shares": (BillShare("9301", Decimal("86.50")),)},
        {"amount": Decimal("NaN")},
        {"shares": (BillShare("9301", Decimal("85.51")),), "visit": "5001"},
        {"shares": (), "amount": Decimal("0"), "visit": "5001"},
    ],
)
def test_parts_that_are_not_the_whole_are_told_to_nobody(place: Bench, wrong: dict[str, Any]) -> None:
    place.captured(**wrong)
    place.worker().turn()
    assert (place.state(), place.one().reason) == (State.NEEDS_REVIEW, "amounts-do-not-add-up")
    assert place.poster.log == []


def test_what_is_told_is_the_payment_to_the_cent(place: Bench) -> None:
    told: list[Posting] = []
    place.poster.during = lambda call, posting: told.append(posting)
    shares = (
        BillShare("9301", Decimal("0.10")),
        BillShare("9302", Decimal("0.20")),
        BillShare("9301", Decimal("0.10")),
    )
    place.captured(amount=Decimal("100000000000000.45"), shares=shares, visit="5001", other=Decimal("0.05"))
    place.worker().turn()
    posting = told[0]
    assert posting.bills == {"9301": Decimal("0.20"), "9302": Decimal("0.20")}
    assert (posting.visit_amount, posting.other) == (Decimal("100000000000000.00"), Decimal("0.05"))
    assert (posting.patient.billing_system, posting.patient.value) == ("practice", "1001")


def test_who_has_lost_the_lease_stops_before_the_call(place: Bench) -> None:
    place.captured()

    def stolen(call: str, _: Posting) -> None:
        if call == "snapshot":
            place.now.advance(121)
            (taken,) = place.ledger.claim("somebody else", 120, 1)
            assert taken.id == "p1"

    place.poster.during = stolen
    place.worker().turn()
    assert (place.poster.log, place.state()) == (["snapshot"], State.POSTING)
    place.now.advance(180)
    place.poster.during = lambda call, posting: None
    place.settle(2)
    assert (place.state(), place.one().reason, place.told()) == (State.NEEDS_REVIEW, "not-found", {})


def test_two_workers_with_one_payment_tell_it_once(place: Bench) -> None:
    place.captured()
    second = place.worker("b")
    slept: list[int] = []

    def meanwhile(call: str, _: Posting) -> None:
        if call == "snapshot" and not slept:
            slept.append(1)
            place.now.advance(121)  # the first one sleeps for longer than its lease
            assert second.turn()

    place.poster.during = meanwhile
    place.worker("a").turn()
    place.settle(2)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})
    assert place.poster.log == ["snapshot", "snapshot", "tell"]


def test_an_answer_that_comes_after_others_gave_up_still_counts(place: Bench) -> None:
    """The teller slept for two hours in the middle of the call; it was looked for, in vain, and is to be reviewed."""
    place.captured()
    slept: list[int] = []

    def sleep(call: str, _: Posting) -> None:
        if call == "tell" and not slept:
            slept.append(1)
            place.now.advance(121)
            place.settle(2, place.worker("b"))
            assert (place.state(), place.one().reason) == (State.NEEDS_REVIEW, "not-found")

    place.poster.during = sleep
    place.worker("a").turn()
    assert (place.state(), place.one().reason, place.told()) == (State.POSTED, "", {"p1": 1})


@pytest.mark.parametrize("failure", [NotSent(), Declined("no"), Unsure(), KeyError("x")])
def test_a_late_failure_moves_nothing_that_others_have_moved(place: Bench, failure: Exception) -> None:
    place.captured()
    place.poster.faults["tell"] = [(failure, False)]
    slept: list[int] = []

    def sleep(call: str, _: Posting) -> None:
        if call == "tell" and not slept:
            slept.append(1)
            place.now.advance(121)
            place.worker("b").turn()
            assert place.state() is State.UNKNOWN

    place.poster.during = sleep
    place.worker("a").turn()
    assert place.state() is State.UNKNOWN
    place.settle(2)
    assert (place.state(), place.told()) == (State.NEEDS_REVIEW, {})


def test_payments_of_one_person_of_a_practice_wait_for_each_other(place: Bench) -> None:
    """While one is undecided, a snapshot for the next would not tell whose traces are found after it."""
    place.captured("p1")
    place.poster.faults["tell"] = [(Unsure(), False)]
    place.worker().turn()
    place.captured("p2", patient=ANNA_AT_LAKESIDE)
    place.captured("p3", patient=BORIS)
    place.captured("p4", patient=PatientKey("clinic", "1001"), billing_system="elsewhere")
    while place.worker().turn():
        pass
    assert [place.state(id) for id in ("p1", "p2", "p3")] == [State.UNKNOWN, State.CAPTURED, State.POSTED]
    place.settle(2)
    assert [place.state(id) for id in ("p1", "p2", "p3")] == [State.NEEDS_REVIEW, State.POSTED, State.POSTED]
    assert place.told() == {"p2": 1, "p3": 1}


def looks(place: Bench) -> list[float]:
    """Minutes after the attempt at which the billing system was looked into."""
    begun, seen = place.now(), list[float]()

    def look(call: str, _: Posting) -> None:
        if call == "found":
            seen.append(round((place.now() - begun).total_seconds() / 60))

    place.poster.during = look
    place.settle()
    return seen


def test_an_unknown_outcome_is_looked_for_at_1_5_15_and_60_minutes(place: Bench) -> None:
    place.captured()
    place.poster.faults["tell"] = [(Unsure(), False)]
    assert looks(place) == [1, 5, 15, 60]
    assert (place.state(), place.one().reason) == (State.NEEDS_REVIEW, "not-found")
    assert place.poster.log.count("tell") == 1


def test_looking_that_fails_says_nothing_and_goes_on(place: Bench) -> None:
    place.captured()
    place.poster.faults["tell"] = [(Unsure(), True)]
    place.poster.faults["found"] = [(NotSent(), False)] * 6
    assert looks(place)[:4] == [1, 5, 15, 60]
    assert place.state() is State.POSTED


def test_a_billing_system_that_can_never_be_asked_is_for_somebody_to_look_at(place: Bench) -> None:
    place.captured()
    place.poster.faults |= {"tell": [(Unsure(), True)], "found": [(NotSent(), False)] * 9_999}
    place.settle(80)
    assert (place.state(), place.one().reason) == (State.NEEDS_REVIEW, "cannot-look: NotSent")


@pytest.mark.parametrize(("fault", "reason"), [(Verdict.UNDECIDED, "undecided"), (KeyError("x"), "fault: KeyError")])
def test_what_cannot_be_told_from_a_look_is_for_somebody_to_look_at(
    place: Bench, fault: Verdict | Exception, reason: str
) -> None:
    place.captured()
    place.poster.faults |= {"tell": [(Unsure(), True)], "found": [(fault, False)] * 9}
    place.settle(2)
    assert (place.state(), place.one().reason) == (State.NEEDS_REVIEW, reason)


def test_what_was_accepted_is_looked_for_until_it_shows(place: Bench) -> None:
    place.captured()
    place.poster.faults |= {"tell": [(Verdict.ACCEPTED, True)], "found": [(Verdict.ACCEPTED, False)] * 20}
    place.worker().turn()
    assert (place.state(), place.one().external) == (State.ACCEPTED, "batch-p1")
    place.settle(30)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})


def test_what_was_accepted_and_never_shows_is_for_somebody_to_look_at(place: Bench) -> None:
    place.captured()
    place.poster.faults |= {"tell": [(Verdict.ACCEPTED, True)], "found": [(Verdict.ACCEPTED, False)] * 9_999}
    place.settle(80)
    assert (place.state(), place.one().reason) == (State.NEEDS_REVIEW, "not-visible")


def test_a_restored_ledger_tells_nothing_again(place: Bench) -> None:
    place.captured(flags=(RESTORED,))
    place.poster.amounts["p1"] = Decimal("85.50")  # told after the copy was made
    place.settle(2)
    assert (place.state(), place.told()) == (State.POSTED, {})


def test_a_billing_system_that_is_gone_keeps_its_payments_waiting(place: Bench) -> None:
    place.captured(billing_system="gone")
    place.settle(1)
    assert place.state() is State.CAPTURED
    assert {facts["fault"] for code, facts in place.events if code is Event.PAYMENT_UNPOSTED} == {"NoPoster"}


def test_a_state_that_fails_in_the_middle_is_waited_for(place: Bench) -> None:
    place.captured()

    def broken(call: str, _: Posting) -> None:
        if call == "snapshot":
            place.poster.during = lambda call, posting: None
            raise StateUnavailable("state database: gone")

    place.poster.during = broken
    place.settle(1)
    assert (place.state(), place.told()) == (State.POSTED, {"p1": 1})


def stuck_after(place: Bench, minutes: float) -> list[dict[str, object]]:
    place.now.advance(minutes * 60)
    place.events.clear()
    Watching(place.shop()).stuck()
    return [facts for code, facts in place.events if code is Event.PAYMENT_STUCK]


def test_what_is_unposted_for_a_quarter_of_an_hour_is_told_once_an_hour(place: Bench) -> None:
    place.captured()
    assert stuck_after(place, 14) == []
    assert stuck_after(place, 1) == [{"billing_system": "practice", "state": "captured", "seconds": 900}]
    assert stuck_after(place, 20) == []
    assert len(stuck_after(place, 60)) == 1
    place.settle(0.1)
    assert stuck_after(place, 90) == []


@pytest.mark.parametrize("later", sorted(LATER))
def test_money_that_went_back_after_posting_is_told_once(place: Bench, later: State) -> None:
    place.captured("p1")
    place.ledger.move(place.captured("p2", patient=BORIS), later, "gateway", due=None)  # before it was told
    place.worker().turn()
    place.ledger.move(place.one("p1"), later, "gateway")
    watching = Watching(place.shop())
    watching.given_back()
    watching.given_back()
    assert codes(place).count(Event.PAYMENT_TO_REVERSE) == 1
    assert (place.one("p1").flags, place.one("p2").flags) == (("overpaid", TO_REVERSE), ())
    place.ledger.note(place.one("p1"), "pat", "reversed", flags=(RESOLVED,))
    watching.given_back()
    assert codes(place).count(Event.PAYMENT_TO_REVERSE) == 1


def test_money_that_went_back_while_it_was_told_is_to_be_reversed(place: Bench) -> None:
    place.captured()

    def refund(call: str, _: Posting) -> None:
        if call == "tell":
            place.ledger.move(place.one(), State.REFUNDED, "gateway", "refunded", due=None)

    place.poster.during = refund
    place.worker().turn()
    assert (place.state(), place.told()) == (State.REFUNDED, {"p1": 1})
    assert TO_REVERSE in place.one().flags
    assert place.one().posted == place.now()
    assert Event.PAYMENT_TO_REVERSE in codes(place)


def test_a_state_at_its_end_is_not_looked_at_again(place: Bench) -> None:
    place.ledger.add(_posted(place), [], "caller")
    assert place.worker().turn()
    assert place.one().due is None
    assert not place.worker().turn()


def _posted(place: Bench) -> Payment:
    return payment(state=State.POSTED, due=place.now() - dt.timedelta(days=1))
