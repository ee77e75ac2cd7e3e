"""The state database: made once by many, private, honest about its failures."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from fhir_facade.errors import StateUnavailable
from fhir_facade.state.database import Database
from fhir_facade.state.engine import write_ahead
from tests.state.conftest import at_once, opened


def test_workers_that_start_at_once_all_find_the_tables(shared_url: str) -> None:
    def start(_: int) -> str:
        with opened(shared_url) as database:
            database.ping()
        return "ready"

    assert at_once(8, start) == ["ready"] * 8


def test_making_the_tables_again_keeps_what_is_in_them(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO page_keys (fingerprint) VALUES (:f)"), {"f": b"abcd"})
    database.create()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM page_keys")).scalar() == 1


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO page_keys (fingerprint) VALUES (:f)"), {"f": b"abcd"})
            raise KeyError("on the way")

    with pytest.raises(KeyError):
        fail()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM page_keys")).scalar() == 0


def test_threads_share_a_database_in_memory() -> None:
    with opened("sqlite:///:memory:") as database:

        def note(number: int) -> None:
            for turn in range(20):
                with database.reading() as connection:
                    connection.execute(text("SELECT count(*) FROM page_keys")).scalar_one()
                row = {"f": bytes([number, turn])}
                with database.writing() as connection:
                    connection.execute(text("INSERT INTO page_keys (fingerprint) VALUES (:f)"), row)

        at_once(8, note)
        with database.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM page_keys")).scalar() == 160


def test_writers_of_one_sqlite_file_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"

    def count_up(_: int) -> None:
        with opened(url) as database:
            for _ in range(20):
                with database.writing() as connection:  # reads first, then writes
                    value = connection.execute(text("SELECT max(value) FROM shared_counters")).scalar() or 0
                    connection.execute(text("DELETE FROM shared_counters"))
                    row = {"value": value + 1}
                    connection.execute(text("INSERT INTO shared_counters VALUES ('n', :value, 0)"), row)

    at_once(4, count_up)
    with opened(url) as database, database.reading() as connection:
        assert connection.execute(text("SELECT value FROM shared_counters")).scalar() == 80


class Busy:
    """A connection to a file whose journal other workers are changing for a while."""

    def __init__(self, times: int) -> None:
        self.times = times

    def exec_driver_sql(self, statement: str) -> None:
        self.times -= 1
        if self.times >= 0:
            raise OperationalError(statement, {}, sqlite3.OperationalError("database is locked"))


def test_a_file_that_another_worker_is_preparing_is_tried_again() -> None:
    pauses: list[float] = []
    write_ahead(cast(Connection, Busy(3)), pauses.append)
    assert len(pauses) == 3


def test_a_file_that_never_gets_ready_is_a_passing_trouble() -> None:
    pauses: list[float] = []
    with pytest.raises(StateUnavailable, match="write-ahead"):
        write_ahead(cast(Connection, Busy(10_000)), pauses.append)
    assert 1 < sum(pauses) < 5


def test_a_sqlite_file_is_for_its_owner_only(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as database:
        database.ping()
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/at/all/state.db", "postgresql://someone:s3cret@127.0.0.1:1/nothing"],
)
def test_a_database_that_is_not_there_is_a_passing_trouble(url: str) -> None:
    database = Database(url)
    with pytest.raises(StateUnavailable) as trouble:
        database.create()
    database.close()
    assert trouble.value.status == 503
    assert trouble.value.headers == {"Retry-After": "5"}
    assert "s3cret" not in str(trouble.value)
    assert trouble.value.diagnostics == "Temporarily unavailable."


def test_a_database_without_its_tables_does_not_answer_a_ping() -> None:
    database = Database("sqlite:///:memory:")
    with pytest.raises(StateUnavailable):
        database.ping()
    database.close()


def test_a_failure_is_told_without_the_values(database: Database) -> None:
    rows = [{"f": b"a-number"}] * 2
    with pytest.raises(StateUnavailable, match="state database: ") as trouble, database.writing() as connection:
        connection.execute(text("INSERT INTO page_keys (fingerprint) VALUES (:f)"), rows)
    assert "number" not in str(trouble.value)


@pytest.mark.parametrize("url", ["mysql://host/name", "no url", "sqlite:///file:state.db?uri=true"])
def test_an_url_that_cannot_keep_the_state_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite://"):
        Database(url)
