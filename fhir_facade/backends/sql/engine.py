"""Connections to a site's database: few, read only but for postings, and none that waits for ever.

PostgreSQL: one ``REPEATABLE READ, READ ONLY`` transaction for each answer, with a ``statement_timeout``.
SQLite: the file is opened with ``mode=ro``, and a statement that outlives its time is interrupted.
Other databases: the time to wait for a connection is bounded; the site grants a user that may only read.
Whoever posts has an engine of their own, ``Access.WRITE``, with a user of its own and the same time-outs.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

POSTING_CONNECTIONS = 2
SQLITE_OPCODES = 10_000  # virtual machine instructions between two looks at the clock, some tenths of a millisecond


class Access(Enum):
    """What an engine is for."""

    READ = "read"
    WRITE = "write"


class Bounds(NamedTuple):
    """How long a statement, or the wait for a connection, may take; how many connections there are; what they may."""

    seconds: float
    pool_size: int
    access: Access = Access.READ

    @property
    def pool(self) -> Mapping[str, Any]:
        """The pool's arguments."""
        return {"pool_size": self.pool_size, "max_overflow": 0, "pool_timeout": self.seconds}


class Engines(NamedTuple):
    """The one that reads, and the one that posts, where the site has named a user for that."""

    reads: Engine
    writes: Engine | None


def open_engine(url: str, seconds: float, pool_size: int) -> Engine:
    """An engine that reads, and has not connected yet.  Raises ``ValueError`` for a URL or driver that there is not."""
    return _opened("url", url, Bounds(seconds, pool_size))


def open_writer(url: str, seconds: float) -> Engine:
    """An engine that writes postings.  Raises ``ValueError`` as ``open_engine`` does."""
    return _opened("posting_url", url, Bounds(seconds, POSTING_CONNECTIONS, Access.WRITE))


def _opened(setting: str, url: str, bounds: Bounds) -> Engine:
    try:
        parsed = make_url(url)
        return DIALECTS.get(parsed.get_backend_name(), _any)(parsed, bounds)
    except (ArgumentError, NoSuchModuleError, TypeError) as error:  # its text may hold the URL's password
        raise ValueError(f"settings.{setting}: not an SQLAlchemy database URL ({type(error).__name__})") from None
    except ImportError as error:
        raise ValueError(f"settings.{setting}: the database's driver is not installed: {error}") from error


def _made(url: URL, bounds: Bounds, **arguments: Any) -> Engine:
    # Parameters are patients' numbers: SQLAlchemy would write them into the text of its errors.
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments, **bounds.pool)


def _any(url: URL, bounds: Bounds) -> Engine:
    return _made(url, bounds)


def _postgresql(url: URL, bounds: Bounds) -> Engine:
    milliseconds = math.ceil(bounds.seconds * 1000)
    if "+" not in url.drivername:
        url = url.set(drivername="postgresql+psycopg")
    # A network that swallows packets is noticed by the kernel, the server being unable to say anything.
    alive = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2, "tcp_user_timeout": milliseconds}
    wait = {"connect_timeout": max(2, math.ceil(bounds.seconds)), "fallback_application_name": "fhir-facade"}
    engine = _made(url, bounds, **wait, **alive).execution_options(**POSTGRESQL[bounds.access])

    @event.listens_for(engine, "begin")
    def bound(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")

    return engine


def _sqlite(url: URL, bounds: Bounds) -> Engine:
    if url.database in (None, "", ":memory:"):
        return _timed(create_engine(url, hide_parameters=True), bounds)
    if not str(url.database).startswith("file:"):
        url = url.set(database=f"file:{quote(str(url.database))}").update_query_dict({"uri": "true"})
    mode = SQLITE_MODES[bounds.access]
    return _timed(_made(url.update_query_dict({"mode": mode}), bounds, timeout=bounds.seconds), bounds)


def _timed(engine: Engine, bounds: Bounds) -> Engine:
    """Interrupt statements, and read all of an answer in one transaction: Python's sqlite3 would begin none."""

    @event.listens_for(engine, "connect")
    def watch(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        late: Callable[[], bool] = lambda: time.monotonic() > entry.info.get("deadline", math.inf)  # noqa: E731
        connection.set_progress_handler(late, SQLITE_OPCODES)
        connection.execute("PRAGMA foreign_keys = ON")  # a posting to a bill that there is not is refused

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(SQLITE_BEGINS[bounds.access])

    @event.listens_for(engine, "before_cursor_execute")
    def start(connection: Connection, *statement: Any) -> None:
        connection.info["deadline"] = time.monotonic() + bounds.seconds

    return engine


POSTGRESQL: Mapping[Access, Mapping[str, Any]] = {
    Access.READ: {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    Access.WRITE: {"isolation_level": "READ COMMITTED"},  # whoever waits for a unique key then sees who has it
}
SQLITE_MODES: Mapping[Access, str] = {Access.READ: "ro", Access.WRITE: "rw"}
SQLITE_BEGINS: Mapping[Access, str] = {Access.READ: "BEGIN", Access.WRITE: "BEGIN IMMEDIATE"}
DIALECTS: Mapping[str, Callable[[URL, Bounds], Engine]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "postgres": _postgresql,
}
