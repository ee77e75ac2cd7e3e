"""What goes wrong becomes an OperationOutcome, and nothing inner leaves the house."""

from __future__ import annotations

from collections.abc import Callable

from fhir_facade import outcome, wire
from fhir_facade.backends.port import EventLog
from fhir_facade.boundary import guarded, place
from fhir_facade.errors import FacadeError, StateUnavailable
from fhir_facade.events import Event
from fhir_facade.hall.exchange import FHIR_JSON, Answer


def answered(work: Callable[[], Answer], event: EventLog) -> Answer:
    """What ``work`` answers, or its failure as an answer; it does not raise."""

    def failed(failure: Exception) -> Answer:
        if isinstance(failure, StateUnavailable):
            event(Event.STATE_UNAVAILABLE, fault=type(failure).__name__)
        if isinstance(failure, FacadeError):
            return _told(failure)
        event(Event.REQUEST_FAILED, fault=type(failure).__name__, where=place(failure))
        return _told(FacadeError())

    return guarded(work, failed)


def _told(failure: FacadeError) -> Answer:
    headers = {"Content-Type": FHIR_JSON, "Cache-Control": "no-store", **failure.headers}
    return Answer(failure.status, wire.encode(outcome.of(failure)), headers)
