"""How many calls of a billing system may be under way at once: one more is told that the system is busy."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.errors import Throttled

PATIENCE = 2.0  # seconds a call waits for another to end: a burst passes, and a hung practice is not queued for


class Seats:
    """``limit`` calls at once."""

    def __init__(self, limit: int) -> None:
        self._free = threading.BoundedSemaphore(limit)

    @contextlib.contextmanager
    def seat(self, deadline: Deadline) -> Iterator[None]:
        """Hold a seat; ``Throttled`` when none is free."""
        if not self._free.acquire(timeout=max(0.0, min(PATIENCE, deadline.left()))):
            raise Throttled("too many calls in flight", retry_after=1)
        try:
            yield
        finally:
            self._free.release()
