"""What ``fhir-facade check`` tells of a site's queries: read from types, states and counts, never from a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from fhir_facade.backends.port import Probe
from fhir_facade.backends.sql.cells import Site, Surprise, part
from fhir_facade.backends.sql.faults import translated
from fhir_facade.backends.sql.query import Query
from fhir_facade.errors import Refused, SourceError, Throttled, TimedOut, UnexpectedShape

OUTCOMES: tuple[tuple[type[SourceError], str], ...] = (
    (UnexpectedShape, "unexpected answer"),
    (TimedOut, "timed out"),
    (Refused, "refused"),
    (Throttled, "throttled"),
    (SourceError, "unreachable"),
)
NO_ZONE = Probe("timezone", "misconfigured", 'set settings.timezone, such as "America/New_York"')
UNIQUE = ("persons", "bills", "visits", "places", "practitioners")
AT_MOST = 1_000  # values of a column that are looked at


def probed(endpoint: str, try_it: Callable[[], str]) -> Probe:
    """One line: what trying says, or how it failed."""
    try:
        return Probe(endpoint, "ok", try_it())
    except SourceError as fault:
        return Probe(endpoint, outcome(fault), str(fault))


def outcome(fault: SourceError) -> str:
    """How it failed, in the words of ``check``."""
    return next(said for class_, said in OUTCOMES if isinstance(fault, class_))


def judged(connection: Connection, query: Query, site: Site) -> str:
    """What there is to say of a good query.  Raises ``UnexpectedShape`` for a bad state or a repeated number."""
    _states(connection, query, site)
    said = [f"ignored columns: {', '.join(query.ignored)}"] if query.ignored else []
    if query.name in UNIQUE and not _is_unique(connection, query):
        raise UnexpectedShape(f"{query.name}.number", "a number of its own for each row")
    return "; ".join(said)


def divisions(connection: Connection, query: Query) -> Iterator[tuple[str, str]]:
    """Every value of every ``select_`` column, with its select key."""
    for key, found in query.parts.items():
        for cell in _distinct(connection, query.name, found):
            yield key, part(cell)


def _states(connection: Connection, query: Query, site: Site) -> None:
    for column, found in query.known.values():
        if column.is_choice:
            for cell in _distinct(connection, query.name, found):
                try:
                    column.read(cell, site)
                except Surprise as surprise:
                    raise UnexpectedShape(f"{query.name}.{column.name}", str(surprise)) from None


def _distinct(connection: Connection, name: str, found: ColumnElement[Any]) -> Iterator[Any]:
    with translated(name):
        rows = connection.execute(select(found).where(found.is_not(None)).distinct().limit(AT_MOST)).all()
    return (cell for (cell,) in rows)


def _is_unique(connection: Connection, query: Query) -> bool:
    number = query.known["number"][1]
    twice = select(number).group_by(number).having(func.count() > 1).limit(1)
    with translated(query.name):
        return connection.execute(twice).first() is None
