"""The clinic's database, and the queries that turn its rows into records."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.backends.sql.columns import QUERIES as COLUMNS
from fhir_facade.records import BillState, Gender, PaymentState, VisitState
from fhir_facade.sandbox.clinic import QUERIES, clinic_settings, create_clinic
from fhir_facade.sandbox.sample import sample_world

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.db"
    create_clinic(path, lambda: NOW)
    return path


@pytest.fixture
def clinic(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def rows(clinic: sqlite3.Connection, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in clinic.execute(QUERIES[query])]


def test_there_is_a_query_for_everything_the_backend_can_ask(clinic: sqlite3.Connection) -> None:
    assert set(QUERIES) == set(COLUMNS)


@pytest.mark.parametrize("query", sorted(QUERIES))
def test_a_querys_columns_are_those_of_the_record(clinic: sqlite3.Connection, query: str) -> None:
    names = {name for name, *_ in clinic.execute(QUERIES[query]).description}
    known = {column.name for column in COLUMNS[query]}
    required = {column.name for column in COLUMNS[query] if column.required}
    assert required <= names <= known
    assert rows(clinic, query)


@pytest.mark.parametrize(
    ("query", "column", "states"),
    [
        ("bills", "state", BillState),
        ("visits", "state", VisitState),
        ("payments", "state", PaymentState),
        ("persons", "gender", Gender),
    ],
)
def test_states_are_the_records_own_words(clinic: sqlite3.Connection, query: str, column: str, states: Any) -> None:
    assert {row[column] for row in rows(clinic, query)} <= {state.value for state in states}


def test_bills_are_in_every_state(clinic: sqlite3.Connection) -> None:
    assert {row["state"] for row in rows(clinic, "bills")} == {state.value for state in BillState}


def test_amounts_are_whole_cents(clinic: sqlite3.Connection) -> None:
    bill = next(row for row in rows(clinic, "bills") if row["number"] == "H-5001")
    assert (bill["billed"], bill["due"], bill["insurance_paid"], bill["adjusted"]) == (19550, 4550, 11000, 4000)
    amounts = [row[name] for row in rows(clinic, "bills") for name in ("billed", "due", "patient_paid")]
    assert all(isinstance(amount, int) for amount in amounts if amount is not None)
    assert clinic_settings(Path("x"))["amount_unit"] == "cents"


def test_what_a_reversed_payment_paid_is_not_counted(clinic: sqlite3.Connection) -> None:
    bill = next(row for row in rows(clinic, "bills") if row["number"] == "H-4900")
    assert bill["patient_paid"] is None


def test_only_an_open_bill_that_is_with_no_agency_is_collectable(clinic: sqlite3.Connection) -> None:
    assert {row["number"] for row in rows(clinic, "bills") if row["collectable"]} == {
        "H-5001",
        "H-4900",
        "H-5020",
    }


def test_number_1001_is_somebody_else_at_the_practice(clinic: sqlite3.Connection) -> None:
    here = next(row for row in rows(clinic, "persons") if row["number"] == 1001)
    there = sample_world().practice("195900").patients["1001"]
    assert (here["family"], here["birth_date"]) == ("Petrov", "1957-04-11")
    assert (there.last, there.dob) == ("Vogel", dt.date(1980, 5, 20))


def test_a_merged_number_is_a_previous_one(clinic: sqlite3.Connection) -> None:
    persons = {row["number"]: row["previous"] for row in rows(clinic, "persons")}
    assert persons[2001] == "2005"
    assert 2005 not in persons


def test_everything_that_is_referred_to_is_there(clinic: sqlite3.Connection) -> None:
    assert clinic.execute("PRAGMA foreign_key_check").fetchall() == []
    accounts = {row["number"] for row in rows(clinic, "accounts")}
    assert {row["account"] for row in rows(clinic, "bills")} <= accounts


def test_it_is_made_anew_over_an_old_one(path: Path) -> None:
    before = path.read_bytes()
    create_clinic(path, lambda: NOW)
    assert path.read_bytes() == before
