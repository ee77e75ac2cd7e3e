"""How long a fetch may still take: one deadline over all its calls, tries and pauses."""

from __future__ import annotations

import time
from collections.abc import Callable

from fhir_facade.errors import TimedOut


class Deadline:
    """``seconds`` from now on a clock that does not run back."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds left, possibly negative."""
        return self._end - self._clock()

    def spend(self) -> float:
        """Seconds left; ``TimedOut`` when there are none."""
        left = self.left()
        if left <= 0:
            raise TimedOut("the deadline has passed")
        return left

    def within(self, seconds: float) -> Deadline:
        """A deadline that ends with this one, or in ``seconds`` if that is sooner."""
        return Deadline(min(seconds, self.left()), self._clock)
