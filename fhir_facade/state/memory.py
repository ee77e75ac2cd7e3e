"""The shared store of a single process: what one worker alone, a test or a backend on its own needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from fhir_facade.state.holding import PATIENCE, held

Value = TypeVar("Value")


class MemoryStore:
    """A ``SharedStore`` in memory; safe for threads.  ``now`` is seconds on any clock that does not run back."""

    def __init__(self, now: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep) -> None:
        self._now, self._pause = now, pause
        self._mutex = threading.Lock()
        self._values: dict[str, tuple[bytes, float]] = {}
        self._counters: dict[str, tuple[int, float]] = {}
        self._locks: dict[str, tuple[str, float]] = {}

    def get(self, key: str) -> bytes | None:
        """The live value, or None."""
        value, expires = self._values.get(key, (None, 0.0))
        return value if expires > self._now() else None

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep ``value`` for ``seconds``."""
        with self._mutex:
            self._values = self._live(self._values)
            self._values[key] = (value, self._now() + seconds)

    def add(self, key: str, amount: int, seconds: float) -> int:
        """Add to a counter and return its new value; a new counter starts at 0 and lives ``seconds``."""
        with self._mutex:
            value, expires = self._counters.get(key, (0, 0.0))
            if expires <= self._now():
                self._counters = self._live(self._counters)
                value, expires = 0, self._now() + seconds
            self._counters[key] = (value + amount, expires)
            return value + amount

    def lock(self, key: str, seconds: float) -> AbstractContextManager[None]:
        """One holder at a time; a holder that does not end loses it after ``seconds``."""
        return held(
            lambda owner: self._acquire(key, owner, seconds),
            lambda owner: self._release(key, owner),
            PATIENCE * seconds,
            self._now,
            self._pause,
        )

    def _acquire(self, key: str, owner: str, seconds: float) -> bool:
        with self._mutex:
            _, expires = self._locks.get(key, ("", 0.0))
            if expires > self._now():
                return False
            self._locks[key] = (owner, self._now() + seconds)
            return True

    def _release(self, key: str, owner: str) -> None:
        with self._mutex:
            if self._locks.get(key, ("", 0.0))[0] == owner:
                del self._locks[key]

    def _live(self, entries: dict[str, tuple[Value, float]]) -> dict[str, tuple[Value, float]]:
        now = self._now()
        return {key: entry for key, entry in entries.items() if entry[1] > now}
