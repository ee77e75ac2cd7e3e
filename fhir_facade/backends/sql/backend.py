"""A site's own billing database, read through queries that the site writes: see ``docs/sql-backend.md``."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, ClassVar, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, literal, select

from fhir_facade.backends import local_time
from fhir_facade.backends.port import LOCATES, Ability, BillingSystem, Context, Ground, Probe
from fhir_facade.backends.sql import assembly, explaining, probing
from fhir_facade.backends.sql.answering import answering
from fhir_facade.backends.sql.cells import Site
from fhir_facade.backends.sql.engine import Engines, open_engine, open_writer
from fhir_facade.backends.sql.faults import translated
from fhir_facade.backends.sql.poster import SqlPoster
from fhir_facade.backends.sql.posting_schema import POSTING
from fhir_facade.backends.sql.query import Query, look
from fhir_facade.backends.sql.reading import Reading
from fhir_facade.backends.sql.schema import DEFAULTS, SCHEMA
from fhir_facade.backends.sql.statement import statement
from fhir_facade.errors import Invalid
from fhir_facade.keys import SourceKey
from fhir_facade.records import Account, Bill, Kind, Payment, Person, Place, Practitioner, Record, Visit

R = TypeVar("R", bound=Record)


class SqlBackend(BillingSystem):
    """A billing database.  What is found out about a query's columns is kept; a query that fails is asked again."""

    settings_schema: ClassVar[Mapping[str, Any]] = SCHEMA
    posting_schema: ClassVar[Mapping[str, Any] | None] = POSTING
    select_keys: ClassVar[frozenset[str]] = frozenset({"*"})  # each column ``select_clinic`` makes a key ``clinic``

    def __init__(
        self, engines: Engines, statements: Mapping[str, str], site: Site, context: Context, scan_limit: int
    ) -> None:
        self._engine, self._statements, self._site, self._context = engines.reads, statements, site, context
        self._scan_limit, self._poster = scan_limit, SqlPoster(engines, site, context)
        self._found: dict[str, Query] = {}
        self._lock = threading.Lock()
        self.kinds = frozenset(kind for kind in Kind if kind.value in statements)
        self.abilities = frozenset({Ability.SCAN, *(LOCATES[kind] for kind in self.kinds & LOCATES.keys())})

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: Context) -> SqlBackend:
        """Open without connecting.  Raises ``ValueError`` for a URL, zone or query that cannot be meant."""
        chosen = {**DEFAULTS, **settings}
        statements = {name: statement(name, written) for name, written in chosen["queries"].items()}
        site = Site(_zone(chosen["timezone"]), cents=chosen["amount_unit"] == "cents")
        seconds = float(chosen["statement_timeout_seconds"])
        engine = open_engine(chosen["url"], seconds, chosen["pool_size"])
        writer = open_writer(chosen["posting_url"], seconds) if chosen["posting_url"] else None
        return cls(Engines(engine, writer), statements, site, context, chosen["scan_limit"])

    def ping(self) -> None:
        with self._answering("ping") as connection:
            connection.execute(select(literal(1))).all()

    def verify(self) -> None:
        """Look at every query's columns.  Raises the first fault: which query, which column, what is there instead."""
        for name in self._statements:
            with self._answering(name) as connection:
                self._looked(connection, name)

    def person(self, patient: SourceKey) -> Person | None:
        if not self._mine(patient):
            return None
        with self._reading("persons") as reading:
            return assembly.person(reading, patient.value)

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return self._of(patient, Kind.BILLS, Bill)

    def accounts(self, patient: SourceKey) -> Sequence[Account]:
        return self._of(patient, Kind.ACCOUNTS, Account)

    def visits(self, patient: SourceKey) -> Sequence[Visit]:
        return self._of(patient, Kind.VISITS, Visit)

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        return self._of(patient, Kind.PAYMENTS, Payment)

    def places(self) -> Sequence[Place]:
        return cast(Sequence[Place], self._all(Kind.PLACES, None))

    def practitioners(self) -> Sequence[Practitioner]:
        return cast(Sequence[Practitioner], self._all(Kind.PRACTITIONERS, None))

    def scan(self, kind: Kind) -> Sequence[Record]:
        return self._all(kind, self._scan_limit)

    def locate(self, kind: Kind, number: str) -> SourceKey | None:
        if kind not in self.kinds & LOCATES.keys():
            raise NotImplementedError(kind)
        with self._reading(kind.value) as reading:
            rows = reading.where(kind.value, "number", [number], only=("number", "patient"))
        patients = {row["patient"] for row in rows}
        if len(patients) > 1:
            raise Invalid("Name a patient, too: two patients have this number.", code="too-costly")
        return SourceKey(self._context.name, patients.pop()) if patients else None

    def divisions(self) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name in self._statements:
            with self._answering(name) as connection:
                for key, value in probing.divisions(connection, self._looked(connection, name)):
                    found.setdefault(key, {})[value] = value
        return found

    def probe(self) -> Iterable[Probe]:
        yield probing.probed("connection", self._ping_line)
        if self._site.zone is None:
            yield probing.NO_ZONE
        for name in self._statements:
            yield probing.probed(name, partial(self._query_line, name))

    def explain(self, kind: Kind, patient: SourceKey, number: str) -> Iterable[Ground]:
        if kind not in self.kinds or not self._mine(patient):
            return ()
        with self._reading(kind.value) as reading:
            return tuple(explaining.grounds(reading, kind, patient.value, number))

    def poster(self) -> SqlPoster:
        return self._poster

    def close(self) -> None:
        self._poster.close()
        self._engine.dispose()

    def _ping_line(self) -> str:
        self.ping()
        return ""

    def _query_line(self, name: str) -> str:
        with self._answering(name) as connection:
            return probing.judged(connection, self._looked(connection, name), self._site)

    def _mine(self, patient: SourceKey) -> bool:
        return patient.billing_system == self._context.name

    def _all(self, kind: Kind, limit: int | None) -> Sequence[Record]:
        if kind not in self.kinds:
            return ()
        with self._reading(kind.value) as reading:
            return assembly.records(reading, kind, reading.all(kind.value, limit))

    def _of(self, patient: SourceKey, kind: Kind, type_: type[R]) -> Sequence[R]:
        if kind not in self.kinds or not self._mine(patient):
            return ()
        with self._reading(kind.value) as reading:
            rows = reading.where(kind.value, "patient", [patient.value])
            return cast(Sequence[R], assembly.records(reading, kind, rows))

    @contextmanager
    def _reading(self, name: str) -> Iterator[Reading]:
        with self._answering(name) as connection:
            yield Reading(connection, self._query, self._site)

    def _answering(self, name: str) -> AbstractContextManager[Connection]:
        return answering(self._engine, self._context, name)

    def _query(self, connection: Connection, name: str) -> Query | None:
        return self._looked(connection, name) if name in self._statements else None

    def _looked(self, connection: Connection, name: str) -> Query:
        """A query as the database answers it: its first use looks, and what was found is kept."""
        with self._lock:
            known = self._found.get(name)
        if known is None:
            with translated(name):
                known = look(connection, name, self._statements[name])
            with self._lock:
                self._found[name] = known
        return known


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else local_time.zone(name)
    except ValueError:
        raise ValueError(f'settings.timezone = "{name}" is no IANA zone such as "America/New_York"') from None
