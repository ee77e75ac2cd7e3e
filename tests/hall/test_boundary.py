"""Whatever goes wrong is an OperationOutcome, on the operators' pages as well; and nothing inner is told."""

from __future__ import annotations

import json

import pytest

from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.hall.exchange import Answer, Request
from fhir_facade.hall.outside import Outside


def answer_of(failure: Exception) -> tuple[Answer, list[tuple[Event, dict[str, str | int | float]]]]:
    """What a page answers that fails, and what is logged of it."""
    heard: list[tuple[Event, dict[str, str | int | float]]] = []

    def page() -> Answer:
        raise failure

    outside = Outside({"readyz": page}, lambda code, **facts: heard.append((code, facts)))
    return outside.answer(Request("GET", "readyz")), heard


def test_an_unexpected_exception_is_500_and_its_text_stays_inside() -> None:
    answer, heard = answer_of(KeyError("Anna Example owes 12.50"))
    (issue,) = json.loads(answer.body)["issue"]
    assert (answer.status, issue["severity"], issue["code"]) == (500, "fatal", "exception")
    assert b"Anna" not in answer.body
    ((code, facts),) = heard
    assert (code, facts["fault"]) == (Event.REQUEST_FAILED, "KeyError")
    assert str(facts["where"]).startswith("hall/")
    assert "Anna" not in str(facts)


def test_a_state_that_does_not_answer_is_503_and_an_event() -> None:
    answer, heard = answer_of(StateUnavailable("state database: OperationalError 08006"))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert b"08006" not in answer.body
    assert [code for code, _ in heard] == [Event.STATE_UNAVAILABLE]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(1)])
def test_the_end_of_the_process_is_no_failure(stop: BaseException) -> None:
    def page() -> Answer:
        raise stop

    with pytest.raises(type(stop)):
        Outside({"livez": page}, lambda code, **facts: None).answer(Request("GET", "livez"))
