"""What the harness computes from what it measures."""

from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from bench import wrk
from bench.budgets import COLD_SEARCH, WARM_READ, Row, judged
from bench.crowd import fetches
from bench.rounds import Rounds, alternating, seconds_each
from bench.table import failed, markdown, table
from bench.vendor import Asked, busy

REPORT = """Running 4s test @ http://127.0.0.1:8080/fhir/Invoice
  1 threads and 16 connections
  9481 requests in 4.00s, 2.10MB read
Requests/sec:   2369.85
Transfer/sec:    537.17KB
"""


def test_the_median_of_the_rounds_counts_and_the_range_is_shown() -> None:
    rounds = Rounds((1200.0, 900.0, 1000.0))
    assert rounds.median == 1000.0
    assert rounds.text("{:,.0f}/s") == "1,000/s (900/s … 1,200/s)"
    assert Rounds((5.0,)).text("{:.0f} ms") == "5 ms"


def test_each_round_is_compared_with_its_own() -> None:
    """A machine that is slow for one round is slow for both, and the ratio does not see it."""
    assert Rounds((50.0, 10.0, 50.0)).over(Rounds((100.0, 20.0, 100.0))).samples == (0.5, 0.5, 0.5)


def test_rounds_alternate() -> None:
    order: list[str] = []

    def measured(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = alternating({"a": lambda: measured("a"), "b": lambda: measured("b")}, 3)
    assert order == ["a", "b", "a", "b", "a", "b"]
    assert found["b"].samples == (2.0, 4.0, 6.0)


def test_work_is_timed_by_the_call() -> None:
    calls: list[None] = []
    assert seconds_each(lambda: calls.append(None), 0.0) > 0.0
    assert len(calls) == 1


@pytest.mark.parametrize(("value", "holds"), [(0.59, False), (0.6, True), (0.61, True)])
def test_a_share_must_reach_its_budget(value: float, holds: bool) -> None:
    row = judged("read", "", "", value, WARM_READ)
    assert (row.budget, row.holds) == ("≥ 60%", holds)


@pytest.mark.parametrize(("value", "holds"), [(99.0, True), (100.0, True), (101.0, False)])
def test_a_time_must_stay_within_its_budget(value: float, holds: bool) -> None:
    row = judged("cold search", "", "", value, COLD_SEARCH)
    assert (row.budget, row.holds) == ("≤ 100 ms", holds)


def test_one_missed_budget_fails_the_run_and_a_comparison_never_does() -> None:
    kept, missed, shown = judged("", "", "", 0.7, WARM_READ), judged("", "", "", 0.5, WARM_READ), Row("", "", "", "1 ×")
    assert not failed([kept, shown])
    assert failed([kept, missed, shown])


def test_the_table_shows_every_row_as_it_is_written() -> None:
    """A fault's text may look like markup, and is none."""
    broken = Row("crowd: broke off", "503: [/bold] b'[1]'", "", "", holds=False)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(table([broken]))
    assert broken.ours in console.export_text()


def test_the_table_for_the_documentation_has_a_line_for_each_row() -> None:
    lines = markdown([judged("read", "7/s", "10/s", 0.7, WARM_READ), Row("b", "", "", "")]).splitlines()
    assert lines[2] == "| read | 7/s | 10/s | 70% | ≥ 60% | yes |"
    assert len(lines) == 4


def test_a_rate_is_read_from_the_report_of_wrk() -> None:
    assert wrk.read(REPORT) == 2369.85


@pytest.mark.parametrize(
    "line",
    ["  Non-2xx or 3xx responses: 3", "  Socket errors: connect 0, read 1, write 0, timeout 0"],
)
def test_a_rate_of_failed_requests_is_no_rate(line: str) -> None:
    with pytest.raises(wrk.Faulty, match=line.strip()):
        wrk.read(REPORT + line + "\n")


def test_a_report_without_a_rate_is_no_rate() -> None:
    with pytest.raises(wrk.Faulty):
        wrk.read("unable to connect to 127.0.0.1:8080 Connection refused")


def test_a_file_that_was_fetched_twice_is_noticed() -> None:
    once = [Asked("/patients/1", 0.0, 0.3), Asked("/patients/2", 0.0, 0.3)]
    assert fetches(once, 2) == 1
    assert fetches([*once, Asked("/patients/2", 0.4, 0.7)], 2) == 2


def test_files_that_nobody_fetched_do_not_count_as_fetched_once() -> None:
    assert fetches([], 1) == math.inf
    assert fetches([Asked("/patients/1", 0.0, 0.3)], 2) == math.inf


def test_calls_side_by_side_keep_the_vendor_busy_once() -> None:
    side_by_side = [Asked("/patients/1", 10.0, 10.3), Asked("/claims", 10.1, 10.4)]
    assert busy(side_by_side) == pytest.approx(0.4)


def test_calls_in_a_row_keep_the_vendor_busy_each() -> None:
    in_a_row = [Asked("/claims", 20.5, 20.8), Asked("/patients/1", 20.0, 20.3)]
    assert busy(in_a_row) == pytest.approx(0.6)


def test_a_call_within_another_adds_nothing() -> None:
    assert busy([Asked("/patients/1", 0.0, 1.0), Asked("/claims", 0.2, 0.4)]) == pytest.approx(1.0)
