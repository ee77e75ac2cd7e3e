"""When each resource's present content was first seen: what ``meta.lastUpdated`` rests on (production-rules.md D)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from fhir_facade.errors import StateUnavailable
from fhir_facade.state.database import Database
from fhir_facade.state.engine import marks

_KEYS_AT_ONCE, _ROWS_AT_ONCE = 5_000, 1_500  # of one and of three values: SQLite takes 32,766 and PostgreSQL 65,535
# In the driver's own words: SQLAlchemy's statements take as long to make ready as all else here does together.
_READ = "SELECT key, digest, seen FROM sightings WHERE key IN ({marks})"
# The same content seen by two workers at once: whoever commits first has said when, and the other agrees.
_WRITE = """
    INSERT INTO sightings AS kept (key, digest, seen) VALUES {marks}
    ON CONFLICT (key) DO UPDATE SET digest = excluded.digest,
        seen = CASE WHEN kept.digest = excluded.digest THEN kept.seen ELSE excluded.seen END
    RETURNING key, digest, seen
"""

T = TypeVar("T")
_Row = tuple[bytes, int]  # digest, seconds since 1970


class Sightings:
    """A row for each resource: the digest of its content now, and the second at which that was first seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Pending] = []
        self._mutex, self._turn = threading.Lock(), threading.Lock()

    def first_seen(self, items: Sequence[tuple[bytes, bytes]], now: dt.datetime) -> list[dt.datetime]:
        """For each (16-byte key, 16-byte digest), when the resource was first seen with this content.

        Whole seconds, UTC, in the order of ``items``, whose keys are distinct.  What is new or has changed was first
        seen ``now``; so was a content that comes back after another one.
        """
        wanted = dict(items)
        with self._database.reading() as connection:
            rows = _read(connection, wanted)
        changed = {key: digest for key, digest in wanted.items() if key not in rows or rows[key][0] != digest}
        if changed:
            rows |= self._write(changed, int(now.timestamp()))
        return _instants(rows[key][1] for key, _ in items)

    def _write(self, changed: Mapping[bytes, bytes], seen: int) -> dict[bytes, _Row]:
        """Write together with whoever waits for the same turn: under load one transaction serves many files."""
        own = _Pending(changed, seen)
        with self._mutex:
            self._waiting.append(own)
        with self._turn:
            if own.rows is None and own.failure is None:
                with self._mutex:
                    together, self._waiting = self._waiting, []
                self._write_all(together or [own])
        if own.failure is not None:
            raise own.failure
        return own.rows or {}

    def _write_all(self, together: Sequence[_Pending]) -> None:
        changed = {key: (digest, each.seen) for each in together for key, digest in each.changed.items()}
        # In the order of the keys, so that two writers of the same rows wait for each other and never in a ring.
        rows = sorted((key, digest, seen) for key, (digest, seen) in changed.items())
        found: dict[bytes, _Row] = {}
        try:
            with self._database.writing() as connection:
                for some in _portions(rows, _ROWS_AT_ONCE):
                    values = tuple(value for row in some for value in row)
                    found |= _asked(connection, _WRITE, len(some), values)
        except StateUnavailable as failure:
            for each in together:
                each.failure = failure
            return
        for each in together:
            each.rows = {key: found[key] for key in each.changed}


@dataclass
class _Pending:
    """Rows that wait to be written, and what came of them."""

    changed: Mapping[bytes, bytes]
    seen: int
    rows: dict[bytes, _Row] | None = None
    failure: StateUnavailable | None = None


def _read(connection: Connection, wanted: Iterable[bytes]) -> dict[bytes, _Row]:
    rows: dict[bytes, _Row] = {}
    for keys in _portions(list(wanted), _KEYS_AT_ONCE):
        rows |= _asked(connection, _READ, len(keys), tuple(keys))
    return rows


def _portions(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _asked(connection: Connection, statement: str, rows: int, values: tuple[Any, ...]) -> dict[bytes, _Row]:
    """What a statement answers that takes its values in so many rows."""
    places = marks(connection, rows, len(values) // rows)
    answered = connection.exec_driver_sql(statement.format(marks=places), values)
    return {key: (digest, seen) for key, digest, seen in answered}


def _instants(seconds: Iterable[int]) -> list[dt.datetime]:
    known: dict[int, dt.datetime] = {}
    return [known.get(s) or known.setdefault(s, dt.datetime.fromtimestamp(s, dt.UTC)) for s in seconds]
