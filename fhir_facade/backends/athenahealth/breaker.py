"""A practice that fails again and again is left alone for a moment, and asked how it is every few seconds.

It counts answers, not tries; the request that opens it reports its own fault, later ones get ``Resting`` at once.
While it is open, the first request after each interval probes; any good answer closes it.  Production rule B8.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from fhir_facade.backends.port import Context
from fhir_facade.errors import Resting, SourceError, Throttled, TimedOut, Unreachable
from fhir_facade.events import Event

FAILURES = 5  # in a row
INTERVAL = 4.0  # seconds from one probe to the next
LONGEST_PAUSE = 60  # seconds


class Breaker:
    """The state of one practice, in this process.  ``clock`` is seconds that do not run back."""

    def __init__(self, context: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self._context, self._clock = context, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._next_probe: float | None = None  # None: closed

    def admit(self, probe: Callable[[], object]) -> None:
        """Return if a call may be made; ``Resting`` if not.  ``probe`` raises ``SourceError`` if the practice fails."""
        with self._lock:
            if self._next_probe is None:
                return
            wait = self._next_probe - self._clock()
            if wait <= 0:
                self._next_probe = self._clock() + INTERVAL
        if wait > 0:
            raise self._resting(wait)
        try:
            probe()
        except (Unreachable, TimedOut, Throttled):
            raise self._resting(INTERVAL) from None
        except SourceError:
            pass  # it answers; what it refuses is for the call itself to say
        self.succeeded()

    def succeeded(self) -> None:
        """A good answer."""
        with self._lock:
            was_open, self._failed, self._next_probe = self._next_probe is not None, 0, None
        if was_open:
            self._context.event(Event.BREAKER_CLOSED, billing_system=self._context.name)

    def failed(self) -> None:
        """No answer, or none of athenahealth's, after all tries."""
        with self._lock:
            self._failed += 1
            opens = self._next_probe is None and self._failed >= FAILURES
            if opens:
                self._next_probe = self._clock() + INTERVAL
        if opens:
            self._context.event(Event.BREAKER_OPENED, billing_system=self._context.name, failures=FAILURES)

    @staticmethod
    def _resting(wait: float) -> Resting:
        return Resting("the circuit breaker is open", retry_after=math.ceil(wait))


class Pause:
    """What a throttled practice is given: 1 s, 2 s, 4 s ... up to a minute, or as long as it says, up to a minute."""

    def __init__(self, context: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self._context, self._clock = context, clock
        self._lock = threading.Lock()
        self._until, self._length = 0.0, 0

    def admit(self) -> None:
        """``Throttled`` while the pause lasts."""
        left = self._until - self._clock()
        if left > 0:
            raise Throttled("pausing after a throttled answer", retry_after=math.ceil(left))

    def throttled(self, fault: Throttled) -> Throttled:
        """Begin a pause (many calls that are throttled at once begin one), and say how long it is."""
        with self._lock:
            begins = self._clock() >= self._until
            if begins:
                self._length = min(LONGEST_PAUSE, max(fault.retry_after, 2 * self._length))
                self._until = self._clock() + self._length
        if begins:
            self._context.event(Event.SOURCE_THROTTLED, billing_system=self._context.name, seconds=self._length)
        return Throttled(fault.log, retry_after=math.ceil(self._until - self._clock()))

    def ended(self) -> None:
        """A good answer: the next pause is short again."""
        self._length = 0
