"""Every request passes here: negotiated, routed, answered; and every failure becomes an OperationOutcome here."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from fhir_facade import outcome, wire
from fhir_facade.backends.port import EventLog
from fhir_facade.desk.metadata import Metadata
from fhir_facade.desk.read import Reader
from fhir_facade.desk.search import Searcher
from fhir_facade.errors import FacadeError, StateUnavailable
from fhir_facade.events import Event
from fhir_facade.guard.caller import Caller
from fhir_facade.hall import freshness, media, preferences
from fhir_facade.hall.exchange import FHIR_JSON, Answer, Pairs, Request, pairs
from fhir_facade.hall.routes import NOWHERE, Router, Target
from fhir_facade.search.query import parse_subset
from fhir_facade.search.subset import subset
from fhir_facade.specification import definitions

_PERSONAL = {"Cache-Control": "no-store", "Vary": "Accept, Authorization, Prefer, Origin"}
_PUBLIC = {"Cache-Control": "public, max-age=300", "Vary": "Accept, Origin"}


@dataclass(frozen=True)
class Hall:
    """The interactions of the server, for plain requests."""

    router: Router
    reader: Reader
    searcher: Searcher
    metadata: Metadata
    identify: Callable[[Request], Caller]
    event: EventLog

    def answer(self, request: Request) -> Answer:
        """The answer to any request whatever; it does not raise."""
        begun, target = time.perf_counter(), NOWHERE
        try:
            media_type = media.wanted(request)
            target = self.router.find(request.method, request.path)
            answer = self._presented(request, self._handlers[target.interaction](request, target), media_type)
        except FacadeError as failure:
            if isinstance(failure, StateUnavailable):
                self.event(Event.STATE_UNAVAILABLE, fault=type(failure).__name__)
            answer = _failed(request, failure)
        except Exception as surprise:  # the one boundary: nothing inner leaves the house
            self.event(Event.REQUEST_FAILED, fault=type(surprise).__name__, where=_place(surprise))
            answer = _failed(request, FacadeError())
        self.event(
            Event.REQUEST_ANSWERED,
            type=target.type,
            interaction=target.interaction,
            status=answer.status,
            milliseconds=round((time.perf_counter() - begun) * 1000, 1),
        )
        return answer

    @cached_property
    def _handlers(self) -> Mapping[str, Callable[[Request, Target], Answer]]:
        return {
            "options": lambda _request, _target: Answer(204),
            "capabilities": self._capabilities,
            "search-type": self._search,
            "read": self._read,
        }

    @staticmethod
    def _presented(request: Request, answer: Answer, media_type: str) -> Answer:
        if not answer.body:
            return answer
        headers = {"Content-Type": media_type, **answer.headers}
        return replace(answer, body=_pretty(request, answer.body), headers=headers)

    def _capabilities(self, request: Request, _: Target) -> Answer:
        return Answer(200, self.metadata.statement(), _PUBLIC)

    def _search(self, request: Request, target: Target) -> Answer:
        strict = preferences.strict(request.headers.get("prefer", ""))
        caller = self.identify(request)
        body = self.searcher.search(caller, target.type, _criteria(request), strict=strict)
        return Answer(200, body, _privacy(target.type))

    def _read(self, request: Request, target: Target) -> Answer:
        summary, elements = parse_subset(request.query)
        found = self.reader.read(self.identify(request), target.type, target.id)
        resource = found.resource
        headers = {**_privacy(target.type), **freshness.validators(resource.version, resource.last_updated)}
        if found.stale:
            headers["Warning"] = '110 - "Response is Stale"'
        if resource.id != target.id:
            headers["Content-Location"] = f"{self.searcher.base_url}/{resource.type}/{resource.id}"
        if freshness.unchanged(request.headers, resource.version, resource.last_updated):
            return Answer(304, headers=headers)
        if summary is None and not elements:
            return Answer(200, resource.raw, headers)
        return Answer(200, wire.encode(subset(resource.type, resource.body(), summary, elements)), headers)


def _failed(request: Request, failure: FacadeError) -> Answer:
    headers = {"Content-Type": FHIR_JSON, "Cache-Control": "no-store", **failure.headers}
    return Answer(failure.status, _pretty(request, wire.encode(outcome.of(failure))), headers)


def _place(surprise: Exception) -> str:
    """The file and line of ours where it happened: enough to find it, and nobody's data."""
    places = [f for f in traceback.extract_tb(surprise.__traceback__) if "fhir_facade/" in f.filename]
    return f"{places[-1].filename.rpartition('fhir_facade/')[2]}:{places[-1].lineno}" if places else ""


def _criteria(request: Request) -> Pairs:
    if request.method != "POST":
        return request.query
    if request.body:
        media.require(request, (media.FORM,))
    return (*request.query, *pairs(request.body))


def _privacy(type: str) -> Mapping[str, str]:
    return _PUBLIC if type in definitions.TYPES else _PERSONAL


def _pretty(request: Request, body: bytes) -> bytes:
    return wire.pretty(body) if request.pretty else body
