"""Payments by a site's own statement: all parts in one transaction, proven before it is committed.

A unique key refuses a second telling.  What the database says before the commit is certain: nothing was told.  What
goes wrong in the commit may have been told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from fhir_facade.backends.parts import parts
from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import Declined, NotSent, Posting, Told, Unsure, Verdict
from fhir_facade.backends.sql import found
from fhir_facade.backends.sql.answering import answering, heard
from fhir_facade.backends.sql.cells import Site
from fhir_facade.backends.sql.faults import marked, speaks_of_the_query, state_of, told, translated
from fhir_facade.backends.sql.parameters import Values, values
from fhir_facade.errors import SourceError, UnexpectedShape

NAME = "posting.statement"
NO_WRITER = "settings.posting_url names the user that posts, and is not set"
TAKEN = (Verdict.POSTED, Verdict.ACCEPTED)
UNDONE = "40"  # SQLSTATE class: the database has rolled the transaction back
BUSY = "SQLITE_BUSY"  # somebody reads: nothing was written yet, https://sqlite.org/rescode.html#busy


class ByStatement:
    """``posting.settings``: ``statement`` and ``found``."""

    def __init__(self, engine: Engine | None, site: Site, context: Context) -> None:
        self._engine, self._site, self._context = engine, site, context

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        """The payment's own id proves everything, so this only says whether the database has heard of it before."""
        return {"verdict": self.found(posting).verdict.value}

    def tell(self, posting: Posting) -> Told:
        """Record all parts, or none; what is there already is not told again."""
        rows = [values(posting, part, self._site) for part in parts(posting)]
        try:
            return self._tell(posting, rows)
        except _Collided as refusal:  # the transaction is gone: is it because the payment is there?
            there = self.found(posting)
            if there.verdict is Verdict.ABSENT:
                raise Declined(str(refusal)) from None
            return _sure(there)

    def found(self, posting: Posting) -> Told:
        """What the database has of the payment."""
        with not_sent(), answering(self._writer(), self._context, found.NAME) as connection:
            return found.shown(connection, posting, self._site)

    def _tell(self, posting: Posting, rows: Sequence[Values]) -> Told:
        engine = self._writer()
        with not_sent(), heard(self._context, NAME), translated(NAME), _rolled_back(engine) as connection:
            before = found.shown(connection, posting, self._site)
            if before.verdict is not Verdict.ABSENT:
                return _sure(before)
            for row in rows:
                _execute(connection, posting.settings["statement"], row)
            after = found.shown(connection, posting, self._site)
            if after.verdict not in TAKEN:
                raise Declined("posting.statement does not record what posting.found finds")
            _commit(connection)
            return after

    def _writer(self) -> Engine:
        if self._engine is None:
            raise NotSent(NO_WRITER)
        return self._engine


class _Collided(Declined):
    """A constraint was violated and the transaction is gone; the text says by which class of the driver's."""


def _sure(told: Told) -> Told:
    if told.verdict not in TAKEN:
        raise Unsure("the database has the payment already, and not as it is told now")
    return told


@contextmanager
def not_sent() -> Iterator[None]:
    """Whatever goes wrong with the source here, it was not told."""
    try:
        yield
    except SourceError as fault:
        raise NotSent(str(fault)) from None


@contextmanager
def _rolled_back(engine: Engine) -> Iterator[Connection]:
    """A transaction that is undone unless it was committed, whatever state the connection is in."""
    connection = engine.connect()
    try:
        yield connection
    finally:
        with suppress(SQLAlchemyError):  # what is lost with the connection is undone, too
            connection.rollback()
        with suppress(SQLAlchemyError):
            connection.close()


def _execute(connection: Connection, statement: str, row: Values) -> None:
    """One part.  A value or a state of affairs that is refused is refused for good; the rest is another day's."""
    try:
        connection.execute(text(statement), row)
    except IntegrityError as error:
        raise _Collided(marked(NAME, error)) from None
    except DBAPIError as error:
        if isinstance(told(NAME, error), UnexpectedShape) and not speaks_of_the_query(error):
            raise Declined(marked(NAME, error)) from None
        raise


def _commit(connection: Connection) -> None:
    """From here on it may have been told."""
    try:
        connection.commit()
    except IntegrityError as error:  # a constraint that is checked at the end: the database has undone all of it
        raise _Collided(marked(NAME, error)) from None
    except DBAPIError as error:
        connection.invalidate()
        if state_of(error).startswith(UNDONE) or getattr(error.orig, "sqlite_errorname", "") == BUSY:
            raise NotSent(marked(NAME, error)) from None
        raise Unsure(marked(NAME, error)) from None
