"""The table of states: whole, and without a way out of where money could be lost."""

from __future__ import annotations

import pytest

from fhir_facade.payments.states import NOT_VISIBLE_YET, SESSION, TRANSITIONS, WORK, State, may


def test_every_state_is_in_the_table_and_none_leads_to_itself() -> None:
    assert set(TRANSITIONS) == set(State)
    assert [state for state in State if may(state, state)] == []


def reached(start: State) -> set[State]:
    found, todo = set[State](), [start]
    while todo:
        for state in TRANSITIONS[todo.pop()] - found:
            found.add(state)
            todo.append(state)
    return found


def test_every_state_can_be_reached_from_the_first() -> None:
    assert reached(State.OPEN) >= set(State) - {State.OPEN}


@pytest.mark.parametrize("state", sorted(NOT_VISIBLE_YET))
def test_money_that_was_taken_is_never_forgotten(state: State) -> None:
    """No step leads from captured money to a state that means that none was taken."""
    assert TRANSITIONS[state].isdisjoint({State.OPEN, State.AUTHORIZED, State.DECLINED, State.EXPIRED})


def test_what_may_have_been_told_is_never_told_again_without_a_look() -> None:
    assert State.POSTING not in TRANSITIONS[State.UNKNOWN]
    assert State.CAPTURED not in TRANSITIONS[State.UNKNOWN]
    assert [state for state in State if may(state, State.POSTING)] == [State.CAPTURED]


@pytest.mark.parametrize("state", sorted(SESSION | {State.DECLINED, State.EXPIRED}))
def test_a_late_word_of_captured_money_counts(state: State) -> None:
    assert may(state, State.CAPTURED)


def test_nothing_that_is_at_its_end_is_work() -> None:
    assert WORK.isdisjoint({State.POSTED, State.DECLINED, State.EXPIRED, State.VOIDED, State.MISTAKE})
