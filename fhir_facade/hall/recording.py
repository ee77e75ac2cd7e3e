"""Writes down each visit before it is answered: one entry for each patient that the answer is about."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable

from fhir_facade.audit.entry import Entry, encode
from fhir_facade.guard.caller import UNKNOWN
from fhir_facade.hall.exchange import Answer, Request
from fhir_facade.hall.visit import Visit

_LONGEST_QUERY, _LONGEST_ID, _LONGEST_TOKEN = 8_000, 64, 255  # characters that are kept
_CUT = "…"
_TOKEN = re.compile(r"(\baccess_token=)[^&]*")  # https://www.rfc-editor.org/rfc/rfc6750#section-2.3, not taken here

# Anybody can be refused before it is known who asks, as often as they like: some of these entries show what goes on,
# all would fill the disk.
_MOST_OF_UNKNOWN = 60  # in a minute, in each worker
_LONGEST_OF_UNKNOWN = 250  # characters of a query


class Recorder:
    """``append`` takes lines, and keeps them whatever happens; it raises ``StateUnavailable`` where it cannot."""

    def __init__(self, append: Callable[[bytes], None], now: Callable[[], dt.datetime]) -> None:
        self._append, self._now = append, now
        self._mutex, self._minute, self._unknown = threading.Lock(), 0, 0

    def record(self, visit: Visit, answer: Answer) -> None:
        """Write down who asked what, how it was answered, and whom that is about."""
        seconds = self._now().timestamp()
        if visit.caller is UNKNOWN and self._enough(int(seconds) // 60):
            return
        entry = _entry(visit, answer, int(seconds * 1000))
        entries = [entry.about(patient) for patient in answer.patients] or [entry]
        self._append(b"".join([encode(each) + b"\n" for each in entries]))

    def _enough(self, minute: int) -> bool:
        with self._mutex:
            if minute != self._minute:
                self._minute, self._unknown = minute, 0
            self._unknown += 1
            return self._unknown > _MOST_OF_UNKNOWN


def _entry(visit: Visit, answer: Answer, recorded: int) -> Entry:
    request, target, caller = visit.request, visit.target, visit.caller
    longest = _LONGEST_OF_UNKNOWN if caller is UNKNOWN else _LONGEST_QUERY
    return Entry(
        recorded=recorded,
        request_id=request.id,
        interaction=target.interaction,
        type=target.type,
        id=target.id[:_LONGEST_ID],
        query=_query(request, longest) if target.interaction == "search-type" else "",
        status=answer.status,
        caller=caller.name,
        token=caller.token[:_LONGEST_TOKEN],
        peer=request.peer,
    )


def _query(request: Request, longest: int) -> str:
    """What was sent in the URL and as a form, no token; of a long one the beginning and a sign that cannot be sent."""
    form = request.body.received
    sent = request.query_string + b"&" + form if form else request.query_string
    kept = _TOKEN.sub(r"\1*", sent[:longest].decode("latin-1"))
    return kept if len(sent) <= longest else kept + _CUT
