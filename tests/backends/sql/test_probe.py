"""What ``fhir-facade check`` reads about a site's database."""

from __future__ import annotations

import pytest

from fhir_facade.backends.sql import SqlBackend
from tests.backends.sql.conftest import Open

BILL = "SELECT 'b1' AS number, 'p1' AS patient, 'owed' AS state"


def probed(backend: SqlBackend) -> dict[str, tuple[str, str]]:
    return {probe.endpoint: (probe.outcome, probe.detail) for probe in backend.probe()}


def test_a_good_database_has_a_line_for_the_connection_and_for_each_query(opened: Open) -> None:
    assert probed(opened()) == {"connection": ("ok", ""), "persons": ("ok", ""), "bills": ("ok", "")}


def test_columns_that_are_not_used_are_named_for_a_slip_of_the_pen(opened: Open) -> None:
    lines = probed(opened({"bills": f"{BILL}, 1 AS duedate, 'n' AS select_clinic"}))
    assert lines["bills"] == ("ok", "ignored columns: duedate")


def test_a_fault_of_one_query_leaves_the_others_lines(opened: Open) -> None:
    lines = probed(opened({"bills": "SELECT 'b1' AS number", "visits": "nowhere"}))
    assert lines["persons"] == ("ok", "")
    assert lines["bills"][0] == lines["visits"][0] == "unexpected answer"
    assert 'a column "patient"' in lines["bills"][1]
    assert "nowhere" in lines["visits"][1]


def test_a_state_that_is_not_ours_is_found_before_a_patient_meets_it(opened: Open) -> None:
    assert probed(opened({"bills": f"{BILL} UNION ALL SELECT 'b2', 'p2', 'OPEN'"}))["bills"] == (
        "unexpected answer",
        "unexpected shape at bills.state: expected one of owed, credit, settled, pending, cancelled, mistake",
    )


def test_a_number_that_comes_twice_is_found(opened: Open) -> None:
    outcome, detail = probed(opened({"bills": f"{BILL} UNION ALL SELECT 'b1', 'p2', 'owed'"}))["bills"]
    assert (outcome, "bills.number" in detail) == ("unexpected answer", True)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_server_that_is_down_has_unreachable_lines(opened: Open, url: str) -> None:
    lines = probed(opened(url="postgresql://postgres@127.0.0.1:1/test"))
    assert {outcome for outcome, _ in lines.values()} == {"unreachable"}
