"""What other workers and machines did to payments: heard of a moment later, so that no outdated file is shown.

The path of a warm read asks nothing for it.  A payment that this worker changes is heard of at once.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable

from fhir_facade.backends.port import EventLog
from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.payments.payment import Payment

PAUSE_SECONDS = 0.25

# Clocks of machines differ, and what is written first may be committed last.
_LOOK_BACK = dt.timedelta(seconds=30)


class News:
    """``changed`` tells which payments were changed from an instant on; ``heard`` takes each change once."""

    def __init__(
        self,
        changed: Callable[[dt.datetime], Iterable[Payment]],
        heard: Callable[[Payment], None],
        now: Callable[[], dt.datetime],
        event: EventLog,
    ) -> None:
        self._changed, self._heard, self._now, self._event = changed, heard, now, event
        self._known: dict[str, int] = {}  # versions that were heard of within the time that is looked back on
        self._over = threading.Event()

    def start(self) -> None:
        """Listen, in a thread, until ``close``."""
        threading.Thread(target=self._run, name="payments-news", daemon=True).start()

    def listen(self) -> None:
        """Hear what is new."""
        known = {}
        for payment in self._changed(self._now() - _LOOK_BACK):
            known[payment.id] = payment.version
            if self._known.get(payment.id) != payment.version:
                self._heard(payment)
        self._known = known

    def close(self) -> None:
        """Listen no more."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            try:
                self.listen()
            except StateUnavailable:
                self._event(Event.STATE_UNAVAILABLE, fault=StateUnavailable.__name__)
