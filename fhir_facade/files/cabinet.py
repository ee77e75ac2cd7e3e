"""Opens files, many at once: from the shelf where fresh, from their billing systems where not."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import NamedTuple

from fhir_facade.backends.port import EventLog
from fhir_facade.errors import SourceError, TimedOut
from fhir_facade.events import Event
from fhir_facade.files.origin import Origin
from fhir_facade.files.pantry import Fetched, Pantry
from fhir_facade.files.patient_file import FileKey, PatientFile
from fhir_facade.files.rendering import Renderer
from fhir_facade.files.shelf import Shelf
from fhir_facade.files.taken import NOTHING_TAKEN, Taken
from fhir_facade.owner import patient_of
from fhir_facade.records import Record
from fhir_facade.telemetry.metrics import METRICS, Metrics


@dataclass
class Opening:
    """What was asked for, as far as it could be had: files, those among them that are stale, and failures."""

    files: list[PatientFile] = field(default_factory=list)
    stale: list[PatientFile] = field(default_factory=list)
    failures: dict[FileKey, SourceError] = field(default_factory=dict)

    @property
    def simple(self) -> bool:
        """True for one whole, fresh file: an answer from it stays right as long as the file is fresh."""
        return len(self.files) == 1 and not (self.stale or self.failures or self.files[0].unrenderable)


class Anew(NamedTuple):
    """A file, and the records that its billing system gave for it."""

    file: PatientFile
    records: Sequence[Record]


@dataclass(frozen=True)
class Cabinet:
    """All files of all billing systems.  ``deadline``: seconds that an answer may wait for its sources."""

    sources: Mapping[str, Origin]
    renderer: Renderer
    shelf: Shelf
    deadline: float
    event: EventLog
    now: Callable[[], dt.datetime]
    pantry: Pantry | None = None
    metrics: Metrics = METRICS
    taken: Taken = NOTHING_TAKEN

    def open(self, keys: Iterable[FileKey]) -> Opening:
        """Open these files, those of different billing systems side by side."""
        opening = Opening()
        coming: dict[FileKey, Future[PatientFile]] = {}
        for key in keys:
            file = self.shelf.fresh(key)
            self.metrics.file_asked(key.kind.value, hit=file is not None)
            if file is not None:
                opening.files.append(file)
            else:
                self._start(key, coming, opening)
        self._await(coming, opening)
        return opening

    def anew(self, keys: Iterable[FileKey]) -> list[Anew]:
        """These files, asked of their billing systems now whatever is kept; raises the ``SourceError`` of any."""
        coming = [self._asked_anew(self.sources[key.billing_system], key) for key in keys]
        until = time.monotonic() + self.deadline
        try:
            return [future.result(timeout=max(0.0, until - time.monotonic())) for future in coming]
        except FutureTimeout as late:
            raise TimedOut(f"no answer in {self.deadline} s") from late

    def _asked_anew(self, source: Origin, key: FileKey) -> Future[Anew]:
        def work() -> Anew:
            since, fetched = self.shelf.drops, self._from_source(source, key)
            return Anew(self._kept(source, key, fetched, since), fetched.records)

        return source.run(work)

    def _start(self, key: FileKey, coming: dict[FileKey, Future[PatientFile]], opening: Opening) -> None:
        source = self.sources[key.billing_system]
        try:
            coming[key] = self.shelf.coming(key, lambda: source.run(lambda: self._fetch(source, key)))
        except SourceError as failure:
            self._failed(key, failure, opening)

    def _await(self, coming: Mapping[FileKey, Future[PatientFile]], opening: Opening) -> None:
        until = time.monotonic() + self.deadline
        for key, future in coming.items():
            try:
                opening.files.append(future.result(timeout=max(0.0, until - time.monotonic())))
            except FutureTimeout:
                self._failed(key, TimedOut(f"{key.billing_system}: no {key.kind.value} in {self.deadline} s"), opening)
            except SourceError as failure:
                self._failed(key, failure, opening)

    def _failed(self, key: FileKey, failure: SourceError, opening: Opening) -> None:
        self.event(
            Event.SOURCE_FAILED, billing_system=key.billing_system, kind=key.kind.value, fault=type(failure).__name__
        )
        stale = self.shelf.stale(key)
        if stale is None:
            opening.failures[key] = failure
            return
        self.event(Event.STALE_SERVED, billing_system=key.billing_system, kind=key.kind.value)
        opening.files.append(stale)
        opening.stale.append(stale)

    def _fetch(self, source: Origin, key: FileKey) -> PatientFile:
        since, shared = self.shelf.drops, self.pantry if source.shared else None
        fetched = self._from_source(source, key) if shared is None else self._shared(source, key, shared)
        return self._kept(source, key, fetched, since)

    def _kept(self, source: Origin, key: FileKey, fetched: Fetched, since: int) -> PatientFile:
        records = self.taken.added(key, fetched, source.authorities)
        file = self.renderer.file(key, records, source.authorities, as_of=fetched.as_of, number=fetched.number)
        age = (self.now() - fetched.as_of).total_seconds()
        self.shelf.keep(file, life=source.life(key.kind) - age, stale=source.settings.stale_seconds, since=since)
        return file

    def _shared(self, source: Origin, key: FileKey, pantry: Pantry) -> Fetched:
        """What another machine has fetched within the file's life, or else fetched now and left for the others."""
        with pantry.fetching(key):
            found = pantry.get(key)
            if found is None or found.as_of < self.taken.changed(key, source.authorities):
                found = self._from_source(source, key)
                pantry.put(key, found, source.life(key.kind))
        return found

    def _from_source(self, source: Origin, key: FileKey) -> Fetched:
        as_of = self.now()
        records = tuple(source.fetch(key.kind, key.patient))
        number = self._in_force(source, key, records)
        return Fetched(as_of, number, self._exact(key, records, number) if number else records)

    @staticmethod
    def _in_force(source: Origin, key: FileKey, records: Sequence[Record]) -> str:
        """The patient's number in force: the number asked for, unless the source says that it was merged."""
        if not key.patient or all(patient_of(record) == key.patient for record in records):
            return key.patient
        return source.in_force(key.patient)

    def _exact(self, key: FileKey, records: Sequence[Record], number: str) -> tuple[Record, ...]:
        """The patient is exact: somebody else's record is a fault of the backend, and is not shown."""
        own = tuple(record for record in records if patient_of(record) == number)
        if len(own) < len(records):
            self.event(Event.FOREIGN_RECORD, billing_system=key.billing_system, kind=key.kind.value)
        return own
