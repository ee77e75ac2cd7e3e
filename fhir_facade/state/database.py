"""The state database: transactions, tables made at the start, and failures in our own words."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from fhir_facade.errors import StateUnavailable
from fhir_facade.state.engine import WAIT_SECONDS, in_memory, open_engine, write_ahead
from fhir_facade.state.schema import NEEDED, SchemaMismatch, bring_up, form

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

    def create(self) -> bool:
        """Make the tables, or give them the form that is needed; True where they had another one.

        Any number of processes may do it at once.  Before a SQLite file is changed, it is copied beside itself.
        ``SchemaMismatch`` where a newer version has made them.
        """
        if self.file is not None:
            self._prepare_file()
        with self.writing(durable=True) as connection:
            if not self._is_sqlite:
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATION})
            return bring_up(connection, self._copy)

    def ready(self) -> bool:
        """What whoever starts to work does: a SQLite database is made or migrated (True), a shared one only looked at.

        ``SchemaMismatch`` where a shared one has not the form that is needed: ``fhir-facade migrate`` changes it.
        """
        if self._is_sqlite:
            return self.create()
        self.require_form()
        return False

    def require_form(self) -> None:
        """``SchemaMismatch`` where the database has not the form that this version needs."""
        with self.reading() as connection:
            found = form(connection)
        if found != NEEDED:
            raise SchemaMismatch(found)

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

    def _copy(self, found: str) -> None:
        """A copy of the file in the form that it has; readers go on, and no other process writes meanwhile."""
        if self.file is None:
            return
        place = f"{self.file}.before-{NEEDED}"
        try:
            os.close(os.open(f"{place}.new", os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self.file)) as there, closing(sqlite3.connect(f"{place}.new")) as copy:
                there.backup(copy)
            os.replace(f"{place}.new", place)
        except (OSError, sqlite3.Error) as error:
            raise StateUnavailable(
                f"state file: no copy of form {found} can be made: {type(error).__name__}"
            ) from error

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
