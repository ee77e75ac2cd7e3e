"""The quota of a client id, counted in the shared store for all processes and practices; a tenth is kept for posting.

athenahealth publishes no number (reference section 3): a site that knows its own says so in ``rate``.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable

from fhir_facade.backends.athenahealth.configuration import Configuration
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.token import client_digest
from fhir_facade.backends.port import Context
from fhir_facade.errors import Throttled
from fhir_facade.events import Event

LONGEST_WAIT = 2.0  # seconds a call waits for its second


def for_reading(limit: int) -> int:
    """What reads may use of a limit."""
    return max(1, limit * 9 // 10)


def for_posting(limit: int) -> int:
    """What posting may use of a limit: all that reads have left of it."""
    return limit


class Quota:
    """Counts calls.  ``pause`` is how one waits for the next second; ``share`` what its caller may use of a limit."""

    def __init__(
        self,
        configuration: Configuration,
        context: Context,
        pause: Callable[[float], None] = time.sleep,
        share: Callable[[int], int] = for_reading,
    ) -> None:
        self._share = share
        self._per_second, self._per_day = configuration.per_second, configuration.per_day
        self._context, self._pause = context, pause
        self._base = "athenahealth/" + client_digest(configuration)
        self._spent = ""

    def spend(self, deadline: Deadline) -> None:
        """Count one call, waiting a moment where this second is full; ``Throttled`` where the wait would be long."""
        if self._per_second is not None:
            self._wait_for_a_place(self._share(self._per_second), deadline)
        if self._per_day is not None:
            self._take_of_the_day(self._share(self._per_day))

    def left_today(self) -> int | None:
        """Calls that are left of the day's share, as counted for all; None where there is no limit."""
        if self._per_day is None:
            return None
        key, seconds = self._day()
        return max(0, self._share(self._per_day) - self._context.store.add(key, 0, seconds + 60))

    def _wait_for_a_place(self, limit: int, deadline: Deadline) -> None:
        patience = deadline.within(LONGEST_WAIT)
        while True:
            now = self._context.now().timestamp()
            if self._context.store.add(f"{self._base}/second/{int(now)}", 1, 5) <= limit:
                return
            wait = 1 - now % 1 + random.uniform(0, 0.1)  # noqa: S311  not a secret
            if wait >= patience.left():
                raise Throttled("the share of this second is used up", retry_after=1)
            self._pause(wait)

    def _take_of_the_day(self, limit: int) -> None:
        key, left = self._day()
        if self._spent != key:
            if self._context.store.add(key, 1, left + 60) <= limit:
                return
            self._context.store.add(key, -1, left + 60)  # a read that is refused takes nothing from posting
            self._spent = key
            self._context.event(Event.SOURCE_QUOTA_SPENT, billing_system=self._context.name, window="day", limit=limit)
        raise Throttled("the share of the day is used up", retry_after=int(left) + 1)

    def _day(self) -> tuple[str, float]:
        """The day's counter, and the seconds until it ends."""
        now = self._context.now().astimezone(dt.UTC)
        tomorrow = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), dt.UTC)
        return f"{self._base}/day/{now.date():%Y%m%d}", (tomorrow - now).total_seconds()
