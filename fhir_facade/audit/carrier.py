"""Carries entries from the spool into the audit trail, a moment after they were written down."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from contextlib import suppress

from fhir_facade.audit.entry import read
from fhir_facade.audit.spool import Segment, Spool
from fhir_facade.backends.port import EventLog
from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.state.trail import MOST_AT_ONCE, Trail, Written

PAUSE_SECONDS = 0.5
_HOUSEKEEPING = dt.timedelta(hours=1)


class Carrier:
    """Writes down through ``spool``, and keeps in ``trail`` for ``retention`` what was written down."""

    def __init__(
        self, spool: Spool, trail: Trail, retention: dt.timedelta, now: Callable[[], dt.datetime], event: EventLog
    ) -> None:
        self.append = spool.append
        self._spool, self._trail, self._retention, self._now, self._event = spool, trail, retention, now, event
        self._turn, self._over = threading.Lock(), threading.Event()
        self._waiting: list[Segment] = []
        self._kept_house: dt.datetime | None = None

    def start(self) -> None:
        """Carry from time to time, in a thread, until ``close``."""
        threading.Thread(target=self._run, name="audit", daemon=True).start()

    def carry(self) -> None:
        """Carry what is there.  ``StateUnavailable`` where the state does not take it; then it waits in the spool."""
        with self._turn:
            if not self._over.is_set():
                self._waiting += self._spool.full()
                self._finish(self._waiting)
                self._empty(self._spool.current)

    def keep_house(self) -> None:
        """Now and then: what processes left that are no more, what is too old, and the head of the chain to the log."""
        now = self._now()
        if self._kept_house is not None and now - self._kept_house < _HOUSEKEEPING:
            return
        with self._turn:
            left, shut = self._spool.left()
            self._waiting += left
        if shut:
            self._event(Event.AUDIT_WAITING, count=shut)
        self.carry()
        pruned = self._trail.prune(int((now - self._retention).timestamp() * 1000))
        if pruned:
            self._event(Event.AUDIT_PRUNED, count=pruned)
        head = self._trail.head()
        self._event(Event.AUDIT_ANCHORED, count=head.seq, digest=head.hash.hex())
        self._kept_house = now

    def close(self) -> None:
        """Carry the last, and give back the files; what the state does not take waits for whoever comes next."""
        self._over.set()
        with self._turn:
            last = [*self._waiting, *self._spool.shut()]
            with suppress(StateUnavailable):
                self._finish(last)
            for segment in last:
                segment.close(remove=False)

    def _run(self) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            try:
                self.carry()
                self.keep_house()
            except (StateUnavailable, OSError):
                self._event(Event.AUDIT_WAITING, count=len(self._waiting) + 1)

    def _finish(self, segments: list[Segment]) -> None:
        """Empty these and do away with them, each when it is empty."""
        while segments:
            self._empty(segments[0])
            done = segments.pop(0)
            done.close(remove=True)
            self._trail.forget(done.name)

    def _empty(self, segment: Segment) -> None:
        if segment.taken is None:
            segment.taken = self._trail.taken(segment.name)
        while True:
            lines, end = segment.lines(MOST_AT_ONCE)
            if end == segment.taken:
                return
            self._trail.append([_written(line) for line in lines], segment.name, end)
            segment.taken = end


def _written(line: bytes) -> Written:
    entry = read(line)
    if entry is None:  # kept as it is, for whoever can read it
        return Written(0, "", b"", line)
    return Written(entry.recorded, entry.authority, entry.number, line)
