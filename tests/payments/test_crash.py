"""A worker is killed before and after each of its operations; whoever comes next never tells a payment twice."""

from __future__ import annotations

import itertools

import pytest

from fhir_facade.payments.states import State
from tests.payments.bench import Bench, bench, run_until_killed
from tests.payments.fakes import FAULTS, Fate

ENDS = {State.POSTED, State.NEEDS_REVIEW}


def end_well(place: Bench, what: str) -> None:
    """Told once at the most; posted is told, and what nobody can know is for somebody to look at, with a reason."""
    payment, told = place.one(), place.poster.told["p1"]
    assert payment.state in ENDS, what
    assert told <= 1, what
    if payment.state is State.POSTED:
        assert (told, payment.due, payment.reason) == (1, None, ""), what
        assert place.poster.amounts["p1"] == payment.amount, what
    else:
        assert payment.reason, what
        assert payment.due is None, what
    assert [step.after for step in place.ledger.history("p1")].count("posted") <= 1, what


@pytest.mark.parametrize("fault", FAULTS)
def test_killed_at_any_operation(fault: str) -> None:
    for at in itertools.count(1):
        with bench() as place:
            place.captured()
            place.poster.faults["tell"] = [FAULTS[fault]]
            killed = run_until_killed(place.worker("first", Fate(at)))
            place.settle()
            end_well(place, f"{fault}, killed at {at}")
            if not killed:
                break
    assert at > 15


@pytest.mark.parametrize("fault", ["nothing wrong", "unsure and recorded", "not sent"])
def test_killed_again_and_again(fault: str) -> None:
    """Each worker lives for so many operations, and there are many of them, two minutes apart."""
    for life in range(1, 24):
        with bench() as place:
            place.captured()
            place.poster.faults["tell"] = [FAULTS[fault]]
            for number in range(12):
                run_until_killed(place.worker(f"mortal {number}", Fate(life)))
                place.now.advance(130)
            place.settle()
            end_well(place, f"{fault}, lives of {life}")


def test_where_nobody_is_killed_every_outcome_has_its_end() -> None:
    ends = {}
    for fault in FAULTS:
        with bench() as place:
            place.captured()
            place.poster.faults["tell"] = [FAULTS[fault]]
            place.settle()
            ends[fault] = (place.state().value, place.poster.told["p1"], place.one().reason)
    assert ends == {
        "not sent": ("posted", 1, ""),
        "declined": ("needs-review", 0, "declined: not a valid method"),
        "unsure and recorded": ("posted", 1, ""),
        "unsure and lost": ("needs-review", 0, "not-found"),
        "broken and recorded": ("posted", 1, ""),
        "broken and lost": ("needs-review", 0, "not-found"),
        "source error and recorded": ("posted", 1, ""),
        "undecided": ("posted", 1, ""),
        "nothing wrong": ("posted", 1, ""),
    }
