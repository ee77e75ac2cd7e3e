"""Writes down each visit before it is answered: one entry for each patient that the answer is about."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

from fhir_facade.audit.entry import Entry, encode
from fhir_facade.hall.exchange import Answer, Request
from fhir_facade.hall.visit import Visit

_LONGEST_QUERY, _LONGEST_ID, _LONGEST_TOKEN = 8_000, 64, 255  # characters that are kept

# Anybody can have these answers, as often as they like: some of them show what goes on, all would fill the disk.
_CHEAP = frozenset({401, 429})
_MOST_CHEAP = 60  # in a minute, in each worker


class Recorder:
    """``append`` takes lines, and keeps them whatever happens; it raises ``StateUnavailable`` where it cannot."""

    def __init__(self, append: Callable[[bytes], None], now: Callable[[], dt.datetime]) -> None:
        self._append, self._now = append, now
        self._mutex, self._minute, self._cheap = threading.Lock(), 0, 0

    def record(self, visit: Visit, answer: Answer) -> None:
        """Write down who asked what, how it was answered, and whom that is about."""
        seconds = self._now().timestamp()
        if answer.status in _CHEAP and self._enough(int(seconds) // 60):
            return
        entry = _entry(visit, answer, int(seconds * 1000))
        entries = [entry.about(patient) for patient in answer.patients] or [entry]
        self._append(b"".join([part for each in entries for part in (encode(each), b"\n")]))

    def _enough(self, minute: int) -> bool:
        with self._mutex:
            if minute != self._minute:
                self._minute, self._cheap = minute, 0
            self._cheap += 1
            return self._cheap > _MOST_CHEAP


def _entry(visit: Visit, answer: Answer, recorded: int) -> Entry:
    request, target, caller = visit.request, visit.target, visit.caller
    return Entry(
        recorded=recorded,
        request_id=request.id,
        interaction=target.interaction,
        type=target.type,
        id=target.id[:_LONGEST_ID],
        query=_query(request) if target.interaction == "search-type" else target.operation and f"${target.operation}",
        status=answer.status,
        caller=caller.name,
        token=caller.token[:_LONGEST_TOKEN],
        peer=request.peer,
    )


def _query(request: Request) -> str:
    """What was sent in the URL and as a form, cut where it is very long."""
    sent = request.query_string + b"&" + request.body if request.body else request.query_string
    return sent[:_LONGEST_QUERY].decode("latin-1")
