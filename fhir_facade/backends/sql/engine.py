"""Connections to a site's database: few, read only, and none that waits for ever.

PostgreSQL: one ``REPEATABLE READ, READ ONLY`` transaction for each answer, with a ``statement_timeout``.
SQLite: the file is opened with ``mode=ro``, and a statement that outlives its time is interrupted.
Other databases: the time to wait for a connection is bounded; the site grants a user that may only read.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_OPCODES = 10_000  # virtual machine instructions between two looks at the clock, some tenths of a millisecond


def open_engine(url: str, seconds: float, pool_size: int) -> Engine:
    """An engine that has not connected yet.  Raises ``ValueError`` for a URL or a driver that there is not."""
    try:
        parsed = make_url(url)
        dress = DIALECTS.get(parsed.get_backend_name(), _any)
        return dress(parsed, seconds, {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": seconds})
    except (ArgumentError, NoSuchModuleError, TypeError) as error:  # its text may hold the URL's password
        raise ValueError(f"settings.url: not an SQLAlchemy database URL ({type(error).__name__})") from None
    except ImportError as error:
        raise ValueError(f"settings.url: the database's driver is not installed: {error}") from error


def _made(url: URL, pool: Mapping[str, Any], **arguments: Any) -> Engine:
    # Parameters are patients' numbers: SQLAlchemy would write them into the text of its errors.
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments, **pool)


def _any(url: URL, seconds: float, pool: Mapping[str, Any]) -> Engine:
    return _made(url, pool)


def _postgresql(url: URL, seconds: float, pool: Mapping[str, Any]) -> Engine:
    milliseconds = math.ceil(seconds * 1000)
    if "+" not in url.drivername:
        url = url.set(drivername="postgresql+psycopg")
    # A network that swallows packets is noticed by the kernel, the server being unable to say anything.
    alive = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2, "tcp_user_timeout": milliseconds}
    wait = {"connect_timeout": max(2, math.ceil(seconds)), "fallback_application_name": "fhir-facade"}
    engine = _made(url, pool, **wait, **alive).execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )

    @event.listens_for(engine, "begin")
    def bound(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")

    return engine


def _sqlite(url: URL, seconds: float, pool: Mapping[str, Any]) -> Engine:
    if url.database in (None, "", ":memory:"):
        return _timed(create_engine(url, hide_parameters=True), seconds)
    if not str(url.database).startswith("file:"):
        url = url.set(database=f"file:{quote(str(url.database))}").update_query_dict({"uri": "true"})
    return _timed(_made(url.update_query_dict({"mode": "ro"}), pool, timeout=seconds), seconds)


def _timed(engine: Engine, seconds: float) -> Engine:
    """Interrupt statements, and read all of an answer in one transaction: Python's sqlite3 would begin none."""

    @event.listens_for(engine, "connect")
    def watch(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        late: Callable[[], bool] = lambda: time.monotonic() > entry.info.get("deadline", math.inf)  # noqa: E731
        connection.set_progress_handler(late, SQLITE_OPCODES)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    @event.listens_for(engine, "before_cursor_execute")
    def start(connection: Connection, *statement: Any) -> None:
        connection.info["deadline"] = time.monotonic() + seconds

    return engine


DIALECTS: Mapping[str, Callable[[URL, float, Mapping[str, Any]], Engine]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "postgres": _postgresql,
}
