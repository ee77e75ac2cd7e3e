"""The log: lines of the catalogue, facts of the table, and never a reason for a request to fail."""

from __future__ import annotations

import ast
import datetime as dt
import io
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.backends.port import EventLog
from fhir_facade.events import Event
from fhir_facade.telemetry import log
from fhir_facade.telemetry.facts import FACTS
from fhir_facade.telemetry.log import Log, in_request
from fhir_facade.telemetry.metrics import Metrics
from tests.telemetry.conftest import Recorded, sample

SOURCES = sorted((Path(__file__).parents[2] / "fhir_facade").rglob("*.py"))


def test_an_event_is_one_line_with_its_code_severity_time_and_facts(recorded: Recorded) -> None:
    before = dt.datetime.now(dt.UTC)
    recorded.log.event(Event.BREAKER_OPENED, billing_system="athena", failures=5)
    (line,) = recorded.lines
    assert before <= dt.datetime.fromisoformat(line.pop("timestamp")) <= dt.datetime.now(dt.UTC)
    assert line == {"level": "error", "event": "source.breaker-opened", "billing_system": "athena", "failures": 5}


def test_a_log_is_what_backends_are_lent() -> None:
    lent: EventLog = log.event
    assert lent is not None


@pytest.mark.parametrize("fact", ["patient", "patient_number", "name", "amount", "url", "token", "message"])
def test_a_fact_that_the_table_does_not_name_is_refused_and_counted(recorded: Recorded, fact: str) -> None:
    recorded.log.event(Event.SOURCE_FAILED, billing_system="athena", **{fact: "1001"})
    assert "1001" not in recorded.stream.getvalue().decode()
    assert recorded.lines[0]["billing_system"] == "athena"
    assert sample(recorded.metrics, "fhir_facade_log_facts_refused_total") == 1


@pytest.mark.parametrize("value", [Decimal("12.50"), {"family": "Ames"}, ["1001"], None, b"1001"])
def test_a_fact_that_is_no_plain_value_is_refused_and_counted(recorded: Recorded, value: Any) -> None:
    recorded.log.event(Event.SOURCE_FAILED, fault=value)
    assert "fault" not in recorded.lines[0]
    assert sample(recorded.metrics, "fhir_facade_log_facts_refused_total") == 1


def test_lines_of_a_request_carry_its_id_and_lines_outside_do_not(recorded: Recorded) -> None:
    with in_request("r-1"):
        recorded.log.event(Event.SOURCE_CALLED, billing_system="athena")
    recorded.log.event(Event.BREAKER_CLOSED)
    assert [line.get("request_id") for line in recorded.lines] == ["r-1", None]


def test_requests_of_two_threads_keep_their_ids_apart(recorded: Recorded) -> None:
    def answer(number: int) -> None:
        with in_request(f"r-{number}"):
            recorded.log.event(Event.SOURCE_CALLED, count=number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, range(200)))
    assert len(recorded.lines) == 200
    assert all(line["request_id"] == f"r-{line['count']}" for line in recorded.lines)


def test_a_line_is_one_line_whatever_a_fact_says(recorded: Recorded) -> None:
    with in_request('forged"}\n{"level": "error"'):
        recorded.log.event(Event.SOURCE_SURPRISED, path="a\n\u2028b\x1b[31m", expected="x" * 10_000)
    (line,) = recorded.lines
    assert line["path"] == "a\n\u2028b\x1b[31m"
    assert len(line["expected"]) == 300
    assert b"\x1b" not in recorded.stream.getvalue()


def test_a_log_that_cannot_be_written_fails_nobody_and_is_counted() -> None:
    stream, metrics = io.BytesIO(), Metrics()
    stream.close()
    Log(stream, metrics=metrics).event(Event.STARTED)
    assert sample(metrics, "fhir_facade_log_lines_lost_total") == 1


def test_the_log_of_the_process_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    log.event(Event.EXPLAINED, type="Invoice", operator="night-shift")
    out, err = capfd.readouterr()
    assert (out, json.loads(err)["operator"]) == ("", "night-shift")


def logged(source: Path) -> list[tuple[str, ast.Call]]:
    """The calls in a file whose first argument is a code of the catalogue."""
    calls = [node for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [
        (call.args[0].attr, call)
        for call in calls
        if call.args
        and isinstance(call.args[0], ast.Attribute)
        and isinstance(call.args[0].value, ast.Name)
        and call.args[0].value.id == "Event"
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(SOURCES[0].parent).as_posix())
def test_code_logs_only_facts_that_the_table_names(source: Path) -> None:
    for code, call in logged(source):
        unknown = {keyword.arg for keyword in call.keywords if keyword.arg} - FACTS.keys()
        assert not unknown, f"Event.{code}, line {call.lineno}: add {unknown} to telemetry/facts.py, or leave it out"


def test_the_search_for_logged_facts_finds_some() -> None:
    assert sum(len(logged(source)) for source in SOURCES) > 5
