"""Where files are kept: each is fetched once however many ask, lives a short time, and all together stay in bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from cachetools import LRUCache

from fhir_facade.audit.entry import AnyKind
from fhir_facade.files.patient_file import FileKey, PatientFile
from fhir_facade.records import Kind

OF_MONEY = (Kind.BILLS, Kind.ACCOUNTS, Kind.VISITS, Kind.PAYMENTS)
"""The kinds that a payment changes."""

_REMEMBERED = 65_536  # patients' kinds whose files were dropped; no fetch takes as long as so many drops


@dataclass(frozen=True)
class Kept:
    """A file on the shelf, and until when (``time.monotonic`` seconds) it is fresh."""

    file: PatientFile
    fresh_until: float
    stale_until: float


class Shelf:
    """Files in memory, least recently used out first, bounded by bytes."""

    def __init__(self, megabytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept: LRUCache[FileKey, Kept] = LRUCache(megabytes * 1_000_000, getsizeof=lambda kept: kept.file.weight)
        self._coming: dict[FileKey, Future[PatientFile]] = {}
        self._drops, self._dropped = 0, LRUCache[tuple[str, AnyKind, str], int](_REMEMBERED)
        # Patients who were merged, by the number in force: the other numbers under which they have files.
        self._former: LRUCache[tuple[str, str], set[str]] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()
        self._clock = clock

    def fresh(self, key: FileKey) -> PatientFile | None:
        """The file, if it is within its life."""
        with self._lock:
            return self._fresh(key)

    def stale(self, key: FileKey) -> PatientFile | None:
        """The file, if it may still be served while its billing system is down."""
        with self._lock:
            kept = self._kept.get(key)
        return kept.file if kept is not None and self._clock() < kept.stale_until else None

    def coming(self, key: FileKey, start: Callable[[], Future[PatientFile]]) -> Future[PatientFile]:
        """The fetch under way, or a new one from ``start``: one at a time for a key, and none for what is fresh."""
        with self._lock:
            future = self._coming.get(key)
            if future is not None and not future.done():
                return future
            file = self._fresh(key)
            if file is not None:  # it came since the caller looked
                return _come(file)
            future = self._coming[key] = start()
        future.add_done_callback(lambda done: self._arrived(key, done))
        return future

    @property
    def drops(self) -> int:
        """How often files were dropped so far: what is fetched from now on is new as of this count."""
        return self._drops

    def drop(self, billing_system: str, patient: str, kinds: Iterable[Kind] = OF_MONEY) -> None:
        """Forget what tells of a patient's money, also whole scans, and what is being fetched of either."""
        with self._lock:
            self._drops += 1
            for number in (patient, "", *self._former.get((billing_system, patient), ())):
                for kind in kinds:
                    self._dropped[billing_system, kind, number] = self._drops
                    key = FileKey(billing_system, kind, number)
                    self._coming.pop(key, None)
                    self._kept.pop(key, None)

    def keep(self, file: PatientFile, *, life: float, stale: float, since: int | None = None) -> None:
        """Put a file on the shelf for ``life`` seconds, and ``stale`` seconds more for bad times.

        ``since``: what ``drops`` was when its fetch began; it is not put there if it was dropped meanwhile.
        """
        until, key = self._clock() + life, file.key
        with self._lock:
            if file.number != key.patient:
                self._former.setdefault((key.billing_system, file.number), set()).add(key.patient)
            if file.weight <= self._kept.maxsize and not self._outdated(file, since):
                self._kept[key] = Kept(file, until, until + stale)

    def _outdated(self, file: PatientFile, since: int | None) -> bool:
        """True for what was dropped while it was fetched."""
        system, kind, number = file.key
        dropped = (self._dropped.get((system, kind, whose), 0) for whose in (number, file.number))
        return since is not None and since < max(dropped)

    @property
    def bytes(self) -> int:
        """Bytes that the files kept take, by their own reckoning."""
        return int(self._kept.currsize)

    def _fresh(self, key: FileKey) -> PatientFile | None:
        kept = self._kept.get(key)
        return kept.file if kept is not None and self._clock() < kept.fresh_until else None

    def _arrived(self, key: FileKey, done: Future[PatientFile]) -> None:
        """Whoever waits hears of the end before this is called, and may have asked anew by now."""
        with self._lock:
            if self._coming.get(key) is done:
                del self._coming[key]


def _come(file: PatientFile) -> Future[PatientFile]:
    future: Future[PatientFile] = Future()
    future.set_result(file)
    return future
