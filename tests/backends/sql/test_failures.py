"""A database that fails is a ``SourceError`` of the right class, which names no person, and never an empty answer."""

from __future__ import annotations

import socket
import sqlite3
import traceback
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from fhir_facade.backends.sql import SqlBackend
from fhir_facade.backends.sql.engine import open_engine
from fhir_facade.backends.sql.faults import told, translated
from fhir_facade.errors import Invalid, Refused, SourceError, Throttled, TimedOut, UnexpectedShape, Unreachable
from fhir_facade.events import Event
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind
from tests.backends.sample import NAME
from tests.backends.sql.conftest import Heard, Open, Run

ANNA = SourceKey(NAME, "anna-1001")
SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'a' AS number FROM n WHERE i < 0",
    "postgresql": "SELECT 'anna-1001' AS number, CAST(pg_sleep(60) AS TEXT) AS family",
}


def with_url(url: str, **parts: object) -> str:
    return make_url(url).set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]


def test_a_statement_that_outlives_its_time_is_timed_out(opened: Open, url: str) -> None:
    backend = opened({"persons": SLOW[make_url(url).get_backend_name()]}, statement_timeout_seconds=0.2)
    with pytest.raises(TimedOut):
        backend.person(ANNA)
    backend.ping()  # the connection is still good


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_locked_file_is_timed_out(opened: Open, url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as writer:
        writer.execute("CREATE TABLE t (number TEXT)")
        writer.commit()
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TimedOut):
            opened({"persons": "t"}, statement_timeout_seconds=0.1).person(ANNA)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_file_that_is_not_there_is_unreachable_and_is_not_made(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.db"
    with pytest.raises(Unreachable):
        opened(url=f"sqlite:///{path}").ping()
    assert not path.exists()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_file_that_is_no_database_is_no_usable_answer(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(SourceError):
        opened({"persons": "t"}, url=f"sqlite:///{path}").person(ANNA)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("wrong", "fault"),
    [({"port": 1}, Unreachable), ({"username": "nobody-of-this-name"}, Refused), ({"database": "not-there"}, Refused)],
)
def test_postgresql_that_lets_nobody_in(opened: Open, url: str, wrong: dict[str, object], fault: type) -> None:
    with pytest.raises(SourceError) as raised:
        opened(url=with_url(url, **wrong)).ping()
    assert type(raised.value) is fault


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_server_that_accepts_and_says_nothing_is_timed_out(opened: Open, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimedOut):
        opened(url=with_url(url, port=silent.getsockname()[1]), statement_timeout_seconds=1).ping()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_without_the_right_to_read_refuses(opened: Open, run: Run, url: str) -> None:
    schema = make_url(url).query["options"].removeprefix("-csearch_path=")  # type: ignore[union-attr]
    role = f"reader_{schema}"
    run(f"CREATE ROLE {role} LOGIN", f"GRANT USAGE ON SCHEMA {schema} TO {role}", "CREATE TABLE t (number TEXT)")
    try:
        with pytest.raises(Refused):
            opened({"persons": "t"}, url=with_url(url, username=role)).person(ANNA)
    finally:
        run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_missing_table_is_named(opened: Open) -> None:
    with pytest.raises(UnexpectedShape, match="bils") as fault:
        opened({"bills": "bils"}).bills(ANNA)
    assert fault.value.path == "bills"


def test_a_missing_column_of_the_sites_own_is_named(opened: Open, run: Run) -> None:
    run("CREATE TABLE t (number TEXT)")
    with pytest.raises(UnexpectedShape, match="mrn"):
        opened({"persons": "SELECT mrn AS number FROM t"}).person(ANNA)


def test_a_column_that_goes_while_we_run_is_named(opened: Open, run: Run) -> None:
    run("CREATE TABLE t (number TEXT, patient TEXT, state TEXT, due INTEGER)")
    backend = opened({"bills": "t"})
    assert backend.bills(ANNA) == []
    run("ALTER TABLE t RENAME COLUMN due TO owing")
    with pytest.raises(UnexpectedShape) as fault:
        backend.bills(ANNA)
    assert fault.value.path == "bills.due"


def test_a_busy_pool_is_throttled(url: str) -> None:
    with closing(Disposable(url)) as one, one.engine.connect(), pytest.raises(Throttled), translated("bills"):
        one.engine.connect()


class Disposable:
    """An engine with one connection."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url, 0.1, 1)

    def close(self) -> None:
        self.engine.dispose()


@pytest.fixture
def broken(opened: Open, url: str) -> list[SourceError]:
    """Everything that can be raised with a patient's number in hand."""
    queries = {
        "bills": "SELECT 'b' AS number, 'anna-1001' AS patient, 'STRANGE-STATE' AS state",
        "accounts": "SELECT 'secret-2' AS number, 'anna-1001' AS patient, 'secret-1' AS balance",
        "visits": "SELECT 'v' AS number, 'anna-1001' AS patient, 'booked' AS state, 'secret-3' AS start",
        "persons": SLOW[make_url(url).get_backend_name()],
    }
    if make_url(url).get_backend_name() == "postgresql":
        queries["payments"] = (
            "SELECT x AS number, x AS patient, 'posted' AS state, CAST(x AS INTEGER) AS amount, x AS taken"
            " FROM (SELECT CAST('anna-1001' AS TEXT) AS x) AS t"
        )
    backend = opened(queries, statement_timeout_seconds=0.2)
    found = []
    for ask in (backend.person, backend.bills, backend.accounts, backend.visits, backend.payments):
        try:
            ask(ANNA)
        except SourceError as fault:
            found.append(fault)
    assert len(found) == len(queries)
    return found


def test_no_failure_tells_a_number_or_an_amount(broken: list[SourceError], heard: Heard) -> None:
    for fault in broken:
        told = [str(fault), fault.diagnostics, *traceback.format_exception_only(fault)]
        chained = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        assert chained is None
        assert not any(secret in line for line in told for secret in ("1001", "secret", "STRANGE")), told
    facts = [str(fact) for _, facts in heard for fact in facts.values()]
    assert not any(secret in fact for fact in facts for secret in ("1001", "secret", "STRANGE"))


def test_calls_and_surprises_are_told_as_events(opened: Open, heard: Heard) -> None:
    backend = opened({"bills": "SELECT 'b' AS number, 'anna-1001' AS patient, 'x' AS state"})
    backend.ping()
    with pytest.raises(UnexpectedShape):
        backend.bills(ANNA)
    assert [(code, facts.get("endpoint"), facts.get("status", facts.get("path"))) for code, facts in heard] == [
        (Event.SOURCE_CALLED, "ping", "ok"),
        (Event.SOURCE_SURPRISED, "bills", "bills.state"),
        (Event.SOURCE_CALLED, "bills", "unexpected answer"),
    ]
    assert heard[1][1]["expected"] == "one of owed, credit, settled, pending, cancelled, mistake"


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("no such column: mrn", ": no such column: mrn"),
        ("syntax error near 'anna-1001') LIMIT'", ""),
        ("syntax error near 1001", ""),
        ("no such table: bills_10010", ": no such table: bills_10010"),
    ],
)
@pytest.mark.parametrize(
    "params", [("anna-1001", 1001), {"number_1": "anna-1001", "number_2": 1001}, [{"n": "anna-1001"}, (1001,)]]
)
def test_a_databases_sentence_is_kept_only_where_it_quotes_no_parameter(params: Any, sentence: str, kept: str) -> None:
    fault = told("bills", OperationalError("SELECT", params, Exception(sentence), hide_parameters=True))
    assert isinstance(fault, UnexpectedShape)
    assert fault.expected == f"a query that the database can run{kept}"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_made_again(opened: Open, run: Run, url: str) -> None:
    name = f"cut-{uuid.uuid4().hex}"
    named = make_url(url).update_query_dict({"application_name": name}).render_as_string(hide_password=False)
    backend = opened(url=named, pool_size=1)
    backend.ping()
    run(f"SELECT 1 / count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{name}'")  # noqa: S608
    backend.ping()


def test_a_scan_of_too_much_is_refused_to_the_caller(opened: Open) -> None:
    bills = " UNION ALL ".join(f"SELECT 'b{n}' AS number, 'p' AS patient, 'owed' AS state" for n in range(4))
    assert len(list(opened({"bills": bills}, scan_limit=4).scan(Kind.BILLS))) == 4
    backend: SqlBackend = opened({"bills": bills}, scan_limit=3)
    with pytest.raises(Invalid) as refusal:
        backend.scan(Kind.BILLS)
    assert refusal.value.code == "too-costly"
    assert len(backend.bills(SourceKey(NAME, "p"))) == 4


def test_places_are_not_limited(opened: Open) -> None:
    places = "SELECT 1 AS number, 'A' AS name UNION ALL SELECT 2, 'B'"
    assert len(opened({"places": places}, scan_limit=1).places()) == 2
