"""Reference data that is kept for hours: read by one caller at a time, and the old served while it cannot be read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.errors import SourceError, TimedOut

Value = TypeVar("Value")

LONGEST_STALE = 24 * 3600.0  # seconds after its reading that a value may still be served
AGAIN_AFTER = 60.0  # seconds from a failed reading to the next, while the old value serves


class Kept(Generic[Value]):
    """A value and its life.  ``load`` returns the value and the seconds for which it is good."""

    def __init__(
        self, load: Callable[[Deadline], tuple[Value, float]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._load, self._clock = load, clock
        self._loading = threading.Lock()
        self._value: tuple[Value] | None = None
        self._good_until = self._serve_until = 0.0

    def get(self, deadline: Deadline) -> Value:
        """The value; raises what ``load`` raises where there is none, ``TimedOut`` where another loads for too long."""
        held, now = self._value, self._clock()
        if held is not None and (now < self._good_until or (self._loading.locked() and now < self._serve_until)):
            return held[0]
        if not self._loading.acquire(timeout=max(0.0, deadline.left())):
            raise TimedOut("waited for reference data")
        try:
            return self._loaded(deadline)
        finally:
            self._loading.release()

    def _loaded(self, deadline: Deadline) -> Value:
        held, now = self._value, self._clock()
        if held is not None and now < self._good_until:
            return held[0]  # another caller was faster
        try:
            value, life = self._load(deadline)
        except SourceError:
            if held is None or now >= self._serve_until:
                raise
            self._good_until = now + AGAIN_AFTER
            return held[0]
        self._value = (value,)
        self._good_until, self._serve_until = now + life, now + LONGEST_STALE
        return value
