"""Where files are kept: each is fetched once however many ask, lives a short time, and all together stay in bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from cachetools import LRUCache

from fhir_facade.files.patient_file import FileKey, PatientFile


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

    def keep(self, file: PatientFile, *, life: float, stale: float) -> None:
        """Put a file on the shelf for ``life`` seconds, and ``stale`` seconds more for bad times."""
        until = self._clock() + life
        with self._lock:
            if file.weight <= self._kept.maxsize:
                self._kept[file.key] = Kept(file, until, until + stale)

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
