"""A SQLAlchemy engine for a state URL, with the habits that SQLite and PostgreSQL need to serve several processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from fhir_facade.errors import StateUnavailable

WAIT_SECONDS = 5
"""How long anything waits for the database: a connection, a place in the pool, another process's transaction."""

_MARKS = {"qmark": "?", "pyformat": "%s"}  # SQLite's, psycopg's
_TRIES, _PAUSE_SECONDS = 100, 0.02

_POSTGRESQL: dict[str, Any] = {
    "connect_timeout": WAIT_SECONDS,
    "tcp_user_timeout": WAIT_SECONDS * 2000,  # milliseconds; a machine that vanished is noticed
    "options": f"-c statement_timeout={WAIT_SECONDS * 1000} -c idle_in_transaction_session_timeout=60000",
}


def open_engine(url: str) -> Engine:
    """An engine that has not connected yet.  What the URL's own query says wins over the defaults here.

    Raises ``ValueError`` for a URL that is neither SQLite's nor PostgreSQL's; its text has no password in it.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError("not a database URL; write sqlite:///facade.db or postgresql://host/name") from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return _postgresql(parsed)
    raise ValueError(f"{parsed.get_backend_name()} cannot keep the state; write a sqlite:// or postgresql:// URL")


def marks(connection: Connection, rows: int, columns: int) -> str:
    """Places for values in a statement in the driver's own words: ``(?, ?), (?, ?)`` for two rows of two."""
    row = "({})".format(", ".join([_MARKS[connection.dialect.paramstyle]] * columns))
    return ", ".join([row] * rows)


def in_memory(url: URL) -> bool:
    """Whether a SQLite URL names a database that lives only as long as its connection."""
    return url.database in (None, "", ":memory:")


def write_ahead(connection: Connection, pause: Callable[[float], None] = time.sleep) -> None:
    """Give a SQLite file a write-ahead log, which it keeps: then readers and a writer do not hold each other up."""
    for attempt in range(_TRIES):
        if attempt:
            pause(_PAUSE_SECONDS)
        with suppress(OperationalError):  # here SQLite does not wait while another worker is doing the same
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
    raise StateUnavailable("state file: its journal cannot be made write-ahead")


def _sqlite(url: URL) -> Engine:
    if str(url.database).startswith("file:"):
        raise ValueError("a file: URI cannot keep the state; write sqlite:///path/facade.db or sqlite:///:memory:")
    # A database in memory belongs to its connection: one connection, which threads take turns to use.
    places: dict[str, int] = {"pool_size": 1, "max_overflow": 0} if in_memory(url) else {}
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=QueuePool,
        pool_timeout=WAIT_SECONDS,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
        **places,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    connection.execute("PRAGMA synchronous = NORMAL")  # safe in WAL mode; a power cut can lose the last commits only


def _begin_sqlite(connection: Connection) -> None:
    # A write takes its turn at the start: a transaction that reads first and then writes cannot wait, it fails.
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql(url: URL) -> Engine:
    habits = {name: value for name, value in _POSTGRESQL.items() if name not in url.query}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_timeout=WAIT_SECONDS,
        connect_args=habits,
        hide_parameters=True,
    )
