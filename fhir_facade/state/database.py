"""The state database: transactions, tables made at the start, and failures in our own words."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from fhir_facade.errors import StateUnavailable
from fhir_facade.state.engine import WAIT_SECONDS, in_memory, open_engine, write_ahead
from fhir_facade.state.tables import METADATA

_CREATION = 0x66686972  # the PostgreSQL advisory lock under which tables are made


class Database:
    """A SQLite file, ``:memory:`` or PostgreSQL, by URL.  Shared by threads; opened anew in each process.

    Every failure of the database is ``StateUnavailable`` (503).  ``ValueError``: the URL cannot keep a state.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._writing = self._engine.execution_options(writes=True)
        self._durably = self._engine.execution_options(writes=True, durable=True)
        outside = {} if self._is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = self._engine.execution_options(**outside)
        self._turn = threading.Lock()

    @property
    def file(self) -> str | None:
        """The SQLite file, where it is one."""
        return self._engine.url.database if self._is_sqlite and not self.in_memory else None

    @property
    def in_memory(self) -> bool:
        """True for a state that ends with its process."""
        return self._is_sqlite and in_memory(self._engine.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for single reads; each statement sees what is committed when it starts."""
        with _translated(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, durable: bool = False) -> Iterator[Connection]:
        """One short transaction: committed at the end, undone by an exception.  Not to be nested.

        ``durable``: once it is committed, no power cut undoes it.
        """
        engine = self._durably if durable else self._writing
        with self._taking_turns(), _translated(), engine.begin() as connection:
            yield connection

    def create(self) -> None:
        """Make the tables that are not there.  Any number of workers may do it at once."""
        if self.file is not None:
            self._prepare_file()
        with self.writing() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATION})
            METADATA.create_all(connection)

    def ping(self) -> None:
        """Return if the database answers and has its tables."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1 FROM kept_secrets WHERE 1 = 0"))

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        """SQLite has one writer at a time: threads queue here, where waiting is fair, and not in its own polling."""
        if not self._is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise StateUnavailable("no turn to write to the state database")
        try:
            yield
        finally:
            self._turn.release()

    def _prepare_file(self) -> None:
        """A file that only its owner reads (it keeps secrets), with a write-ahead log: readers and writer coexist."""
        try:
            os.close(os.open(str(self._engine.url.database), os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StateUnavailable(f"state file: {error.strerror}") from error
        with self.reading() as connection:
            write_ahead(connection)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StateUnavailable(_named(error)) from error
    except PoolTimeout as error:
        raise StateUnavailable("no free connection to the state database") from error


def _named(error: DBAPIError) -> str:
    """The kind and the code of a database's failure; its text may quote values, and stays out."""
    inner = error.orig
    code = getattr(inner, "sqlstate", None) or getattr(inner, "sqlite_errorname", None) or ""
    return f"state database: {type(inner).__name__} {code}".rstrip()
