"""What the index answered, kept for a while in memory, and asked once however many wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import NamedTuple

from cachetools import LRUCache

from fhir_facade.errors import FacadeError, PeopleUnavailable
from fhir_facade.mpi.found import Found, Source
from fhir_facade.outgoing import Left

MOST = 20_000


class Kept(NamedTuple):
    """An answer, and until when it holds, in seconds of the epoch."""

    found: Found
    until: float


class Answers:
    """Each holds for ``seconds`` on ``clock``.  Safe for threads; a failure is not kept."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._kept: LRUCache[Source, Kept] = LRUCache(MOST)
        self._coming: dict[Source, Future[Kept]] = {}
        self._lock = threading.Lock()

    def get(self, source: Source, ask: Callable[[], Found], left: Left) -> Kept:
        """The answer at hand, the one that another thread asks for, or a new one."""
        with self._lock:
            kept = self._kept.get(source)
            if kept is not None and self._clock() < kept.until:
                return kept
            coming = self._coming.get(source)
            mine = self._coming[source] = Future() if coming is None else coming
        return self._fetched(source, ask, mine) if coming is None else _awaited(coming, left)

    def _fetched(self, source: Source, ask: Callable[[], Found], mine: Future[Kept]) -> Kept:
        asked = self._clock()
        try:
            kept = Kept(ask(), asked + self._seconds)
        except FacadeError as failure:
            mine.set_exception(failure)
            raise
        else:
            with self._lock:
                self._kept[source] = kept
            mine.set_result(kept)
            return kept
        finally:
            with self._lock:
                self._coming.pop(source, None)
            mine.cancel()


def _awaited(coming: Future[Kept], left: Left) -> Kept:
    try:
        return coming.result(timeout=max(0.0, left()))
    except FutureTimeout:
        raise PeopleUnavailable("another thread's question was not answered in time") from None
