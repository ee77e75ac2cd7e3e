"""Every outcome in every state: what follows, what is written down, and that it is written down once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.gateways.port import Outcome, Result
from fhir_facade.payments.payment import Payment, Tender
from fhir_facade.payments.results import GIVEN_BACK, apply
from fhir_facade.payments.states import NOT_VISIBLE_YET, WORK, State
from fhir_facade.state.database import Database
from fhir_facade.state.ledger import Ledger, Lock
from tests.payments.conftest import payment
from tests.people import NOW

S = State
LATER = NOW + dt.timedelta(minutes=3)
TAKEN = NOT_VISIBLE_YET | {S.POSTED, S.MISTAKE, S.REFUNDED, S.DISPUTED, S.RETURNED}

# One row an outcome: the state that follows each state, in the order of ``State``; None where nothing follows.
EXPECTED: dict[Outcome, tuple[State | None, ...]] = {
    Outcome.OPEN: (None,) * 15,
    Outcome.AUTHORIZED: (S.AUTHORIZED, *(None,) * 7, S.AUTHORIZED, S.AUTHORIZED, *(None,) * 5),
    Outcome.CAPTURED: (S.CAPTURED, S.CAPTURED, *(None,) * 6, S.CAPTURED, S.CAPTURED, S.CAPTURED, *(None,) * 4),
    Outcome.DECLINED: (S.DECLINED, *(None,) * 14),
    Outcome.EXPIRED: (S.EXPIRED, S.EXPIRED, *(None,) * 6, S.EXPIRED, *(None,) * 6),
    Outcome.RELEASED: (S.EXPIRED, S.VOIDED, *(S.NEEDS_REVIEW,) * 5, None, S.EXPIRED, *(None,) * 6),
    Outcome.REFUNDED: (
        *(S.NEEDS_REVIEW,) * 2,
        *(S.REFUNDED,) * 6,
        *(S.NEEDS_REVIEW,) * 2,
        *(None, S.REFUNDED, None, S.REFUNDED, None),
    ),
    Outcome.DISPUTED: (
        *(S.NEEDS_REVIEW,) * 2,
        *(S.DISPUTED,) * 6,
        *(S.NEEDS_REVIEW,) * 2,
        *(S.DISPUTED, S.DISPUTED, None, None, None),
    ),
    Outcome.RETURNED: (
        *(S.NEEDS_REVIEW,) * 2,
        *(S.RETURNED,) * 6,
        *(S.NEEDS_REVIEW,) * 2,
        *(S.RETURNED, S.RETURNED, None, None, None),
    ),
}
PAIRS = [(outcome, state, to) for outcome, row in EXPECTED.items() for state, to in zip(State, row, strict=True)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    database.create()
    yield Ledger(database, lambda: LATER)
    database.close()


def result(outcome: Outcome, amount: str | None = "85.50", **more: Any) -> Result:
    given = {"currency": "USD", "at": LATER, "tender": "card", "brand": "visa", "last4": "1111"}
    return Result("p1", "session-p1", outcome, None if amount is None else Decimal(amount), **(given | more))


def begun(ledger: Ledger, state: State, **more: Any) -> Payment:
    taken = {"captured": NOW, "taken": Decimal("85.50")} if state in TAKEN else {}
    return ledger.add(payment(state=state, **(taken | more)), [Lock("bill", "9301")], "caller")


def told(ledger: Ledger, begun: Payment, said: Result) -> Payment:
    return apply(ledger, begun, said, "gateway", LATER)


@pytest.mark.parametrize(("outcome", "state", "to"), PAIRS)
def test_what_follows_from_an_outcome_in_a_state(
    ledger: Ledger, outcome: Outcome, state: State, to: State | None
) -> None:
    before = begun(ledger, state)
    after = told(ledger, before, result(outcome))
    assert after.state == (to or state)
    assert ledger.get("p1") == after
    assert told(ledger, after, result(outcome)) == after
    assert len(ledger.history("p1")) <= 2


@pytest.mark.parametrize(("outcome", "state", "to"), PAIRS)
def test_what_is_at_its_end_is_nobodys_work_any_more(
    ledger: Ledger, outcome: Outcome, state: State, to: State | None
) -> None:
    after = told(ledger, begun(ledger, state), result(outcome))
    if to is not None:
        assert after.due == (LATER if to in WORK else None)


@pytest.mark.parametrize("state", [S.OPEN, S.AUTHORIZED, S.DECLINED, S.EXPIRED, S.VOIDED])
def test_money_that_was_taken_is_written_down_as_the_gateway_tells_it(ledger: Ledger, state: State) -> None:
    after = told(ledger, begun(ledger, state), result(Outcome.CAPTURED, at=NOW))
    assert (after.captured, after.taken, after.tender) == (NOW, Decimal("85.50"), Tender("card", "visa", "1111"))


def test_a_capture_without_a_time_was_now(ledger: Ledger) -> None:
    assert told(ledger, begun(ledger, S.OPEN), result(Outcome.CAPTURED, at=None)).captured == LATER


@pytest.mark.parametrize("outcome", [Outcome.AUTHORIZED, Outcome.CAPTURED])
@pytest.mark.parametrize("state", [S.OPEN, S.DECLINED, S.EXPIRED])
@pytest.mark.parametrize(("amount", "currency"), [("85.49", "USD"), ("85.51", "USD"), ("85.50", "EUR"), (None, "USD")])
def test_another_amount_or_currency_than_was_asked_for_is_for_somebody_to_look_at(
    ledger: Ledger, outcome: Outcome, state: State, amount: str | None, currency: str
) -> None:
    said = result(outcome, amount, currency=currency)
    after = told(ledger, begun(ledger, state), said)
    assert (after.state, after.reason, after.due) == (S.NEEDS_REVIEW, "amount-differs", None)
    assert told(ledger, after, said) == after


def test_the_same_amount_in_other_digits_and_letters_is_the_same(ledger: Ledger) -> None:
    assert told(ledger, begun(ledger, S.OPEN), result(Outcome.CAPTURED, "85.5", currency="usd")).state is S.CAPTURED


def test_money_that_was_taken_back_is_not_taken_by_a_word_that_comes_again(ledger: Ledger) -> None:
    """The notification of the capture, sent once more after the payment was voided."""
    voided = begun(ledger, S.VOIDED, captured=NOW, taken=Decimal("85.50"))
    assert told(ledger, voided, result(Outcome.CAPTURED)) == voided


def test_what_was_never_seen_to_be_taken_is_completed_while_somebody_looks(ledger: Ledger) -> None:
    after = told(ledger, begun(ledger, S.NEEDS_REVIEW, captured=None, taken=None, due=None), result(Outcome.CAPTURED))
    assert (after.state, after.captured, after.due) == (S.NEEDS_REVIEW, LATER, None)


@pytest.mark.parametrize("outcome", sorted(GIVEN_BACK))
@pytest.mark.parametrize("state", [S.CAPTURED, S.POSTING, S.UNKNOWN, S.ACCEPTED, S.POSTED])
def test_a_part_given_back_is_for_somebody_to_look_at_once(ledger: Ledger, outcome: Outcome, state: State) -> None:
    part = told(ledger, begun(ledger, state), result(outcome, "10.00"))
    assert (part.state, part.reason, part.given_back) == (S.NEEDS_REVIEW, f"partly-{outcome.value}", Decimal("10.00"))
    looked_at = ledger.move(part, S.POSTED, "operator")
    assert told(ledger, looked_at, result(outcome, "10.00")) == looked_at
    more = told(ledger, looked_at, result(outcome, "20.00"))
    assert (more.state, more.given_back) == (S.NEEDS_REVIEW, Decimal("20.00"))
    assert told(ledger, more, result(outcome, "85.50")).state == S(outcome.value)


def test_a_dispute_that_was_won_is_not_one_again(ledger: Ledger) -> None:
    disputed = told(ledger, begun(ledger, S.POSTED), result(Outcome.DISPUTED))
    won = ledger.move(disputed, S.POSTED, "operator")
    assert told(ledger, won, result(Outcome.DISPUTED)) == won


@pytest.mark.parametrize("state", [S.CAPTURED, S.POSTING, S.UNKNOWN, S.ACCEPTED, S.POSTED])
def test_a_hold_let_go_after_it_was_taken_cannot_be(ledger: Ledger, state: State) -> None:
    after = told(ledger, begun(ledger, state), result(Outcome.RELEASED))
    assert (after.state, after.reason) == (S.NEEDS_REVIEW, "released-after-captured")
    looked_at = ledger.move(after, S.CAPTURED, "operator")
    assert told(ledger, looked_at, result(Outcome.RELEASED)) == looked_at


def test_whoever_changed_it_meanwhile_is_heard_first(ledger: Ledger) -> None:
    old = begun(ledger, S.OPEN)
    ledger.move(old, S.EXPIRED, "worker")
    after = told(ledger, old, result(Outcome.CAPTURED))
    assert [(step.before, step.after) for step in ledger.history("p1")][1:] == [
        ("open", "expired"),
        ("expired", "captured"),
    ]
    assert after.state is S.CAPTURED


def test_a_session_whose_reference_was_never_written_down_gets_it(ledger: Ledger) -> None:
    """Killed between the gateway's answer and the ledger."""
    after = told(ledger, begun(ledger, S.OPEN, reference=""), result(Outcome.OPEN))
    assert after.reference == "session-p1"
    assert ledger.of_session("main", "session-p1") == after


def test_captured_money_lets_go_of_its_locks(ledger: Ledger) -> None:
    told(ledger, begun(ledger, S.OPEN), result(Outcome.CAPTURED))
    again = ledger.add(payment("p2"), [Lock("bill", "9301")], "caller")
    assert again.state is S.OPEN
