"""A database's errors become our own, here and nowhere else, without a value that a person could be known by.

A database's own sentence is kept only where it speaks of the site's query (a missing table or column, bad syntax), and
quotes none of the parameters: some drivers write them into the statement, and patients' numbers are among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from fhir_facade.backends.exact import leaves
from fhir_facade.errors import Refused, SourceError, Throttled, TimedOut, UnexpectedShape, Unreachable

# PostgreSQL's classes of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
STATES: tuple[tuple[str, type[SourceError]], ...] = (
    ("57014", TimedOut),  # query_canceled: statement_timeout
    ("55P03", TimedOut),  # lock_not_available
    ("25P", TimedOut),
    ("28", Refused),  # invalid authorization
    ("42501", Refused),  # insufficient_privilege
    ("3D000", Refused),  # no such database
    ("53", Throttled),  # insufficient resources: too many connections
    ("08", Unreachable),
    ("57P", Unreachable),  # the server is shutting down or starting up
)
# What drivers say where they give no SQLSTATE.
WORDS: tuple[tuple[str, type[SourceError]], ...] = (
    (r"interrupted|database (table )?is locked|timeout|timed out", TimedOut),
    (r"authentication failed|no pg_hba|access denied|permission denied|not authorized|login failed", Refused),
    (r"(role|database) .* does not exist|not permitted to log in", Refused),
    (r"too many (connections|clients)|remaining connection slots", Throttled),
    (r"unable to open database|connect|server closed|terminating|network|no route|refused", Unreachable),
)
ABOUT_THE_QUERY = re.compile(
    r"no such (table|column|function)|has no column|syntax error|does(n't| not) exist|unknown column"
    r"|invalid (column|object) name",
    re.IGNORECASE,
)
MISSING_COLUMN = re.compile(r"column:? [\"`']?q\.[\"`']?(\w+)", re.IGNORECASE)


@contextmanager
def translated(query: str) -> Iterator[None]:
    """Errors of SQLAlchemy and of its drivers leave as ``SourceError``; ``query`` says which query failed."""
    try:
        yield
    except PoolExhausted:
        raise Throttled(f"{query}: all connections of the pool are busy", retry_after=2) from None
    except DBAPIError as error:
        # The driver's text can quote a value (PostgreSQL's class 22 does): it goes no further than this.
        raise told(query, error) from None
    except SQLAlchemyError as error:
        raise UnexpectedShape(query, f"a readable result ({type(error).__name__})") from None


def told(query: str, error: DBAPIError) -> SourceError:
    """Our error for a driver's."""
    said = str(error.orig)
    state = state_of(error)
    mark = marked(query, error)
    by_state = next((fault(mark) for prefix, fault in STATES if state.startswith(prefix)), None)
    if by_state is not None:
        return by_state
    if speaks_of_the_query(error):
        column = MISSING_COLUMN.search(said)
        path = f"{query}.{column[1]}" if column else query
        return UnexpectedShape(path, "a query that the database can run" + _sentence(said, error.params))
    if isinstance(error, OperationalError | InterfaceError) and "could not decode" not in said.lower():
        words = (fault(mark) for pattern, fault in WORDS if re.search(pattern, said, re.IGNORECASE))
        return next(words, Unreachable(mark))
    return UnexpectedShape(query, f"a readable result ({mark})")


def state_of(error: DBAPIError) -> str:
    """The SQLSTATE, where the driver gives one."""
    return str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or "")


def marked(query: str, error: DBAPIError) -> str:
    """Which query failed, by which class of the driver's: nothing that could be a value."""
    return f"{query}: {type(error.orig).__name__} {state_of(error)}".rstrip()


def _sentence(said: str, params: Any) -> str:
    """The database's own, if none of the values that were bound stands in it."""
    sentence = said.splitlines()[0]
    bound = [re.escape(str(value)) for _, value in leaves(params) if str(value)]
    return "" if any(re.search(rf"(?<!\w){value}(?!\w)", sentence) for value in bound) else f": {sentence}"


def speaks_of_the_query(error: DBAPIError) -> bool:
    """Whether the site's own query or statement is at fault, and not a value or the way there."""
    said, state = str(error.orig), state_of(error)
    if state or "connection" in said:  # a role or a database that does not exist is another matter
        return state.startswith("42")
    return ABOUT_THE_QUERY.search(said) is not None
