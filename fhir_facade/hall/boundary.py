"""The one boundary: what goes wrong becomes an OperationOutcome, and nothing inner leaves the house."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from fhir_facade import outcome, wire
from fhir_facade.backends.port import EventLog
from fhir_facade.errors import FacadeError, StateUnavailable
from fhir_facade.events import Event
from fhir_facade.hall.exchange import FHIR_JSON, Answer


def answered(work: Callable[[], Answer], event: EventLog) -> Answer:
    """What ``work`` answers, or its failure as an answer; it does not raise."""
    try:
        return work()
    except FacadeError as failure:
        if isinstance(failure, StateUnavailable):
            event(Event.STATE_UNAVAILABLE, fault=type(failure).__name__)
        return _told(failure)
    except Exception as surprise:
        event(Event.REQUEST_FAILED, fault=type(surprise).__name__, where=_place(surprise))
        return _told(FacadeError())


def _told(failure: FacadeError) -> Answer:
    headers = {"Content-Type": FHIR_JSON, "Cache-Control": "no-store", **failure.headers}
    return Answer(failure.status, wire.encode(outcome.of(failure)), headers)


def _place(surprise: Exception) -> str:
    """The file and line of ours where it happened: enough to find it, and nobody's data."""
    places = [f for f in traceback.extract_tb(surprise.__traceback__) if "fhir_facade/" in f.filename]
    return f"{places[-1].filename.rpartition('fhir_facade/')[2]}:{places[-1].lineno}" if places else ""
