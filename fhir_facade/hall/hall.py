"""Every FHIR request passes here: negotiated, routed, answered, presented, and logged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from fhir_facade import wire
from fhir_facade.backends.port import EventLog
from fhir_facade.desk.performed import Performed
from fhir_facade.desk.read import Reader
from fhir_facade.desk.recording import Recording
from fhir_facade.desk.search import Searcher
from fhir_facade.errors import NotOffered
from fhir_facade.events import Event
from fhir_facade.guard.caller import Caller
from fhir_facade.hall import freshness, media, preferences
from fhir_facade.hall.boundary import answered
from fhir_facade.hall.exchange import Answer, Pairs, Request, pairs
from fhir_facade.hall.routes import Router
from fhir_facade.hall.visit import Visit
from fhir_facade.search.query import parse_subset
from fhir_facade.search.subset import subset
from fhir_facade.specification import definitions

_PERSONAL = {"Cache-Control": "no-store", "Vary": "Accept, Authorization, Prefer, Origin"}
Record = Callable[[Visit, Answer], None]

_NOT_FHIR = frozenset({"smart-configuration"})
_PUBLIC = {"Cache-Control": "public, max-age=300", "Vary": "Accept, Origin"}


class Operating(Protocol):
    """Performs operations: by whom, on which resource, which one, with what."""

    def perform(self, caller: Caller, type: str, id: str, name: str, body: bytes) -> Performed: ...


@dataclass(frozen=True)
class Hall:
    """The interactions of the server, for plain requests.  ``record`` writes down who was told what."""

    router: Router
    reader: Reader
    searcher: Searcher
    metadata: Callable[[], bytes]
    identify: Callable[[Request], Caller]
    record: Record
    event: EventLog
    operations: Mapping[str, Operating] = field(default_factory=dict)
    recording: Recording | None = None
    smart: Callable[[], bytes] | None = None

    def answer(self, request: Request) -> Answer:
        """The answer to any request whatever; it does not raise."""
        begun, visit = time.perf_counter(), Visit(request)
        answer = answered(lambda: self._answer(visit), self.event)
        if visit.audited:
            said = answer
            answer = answered(lambda: self._recorded(visit, said), self.event)
        answer = _presented(answer, request)
        self.event(
            Event.REQUEST_ANSWERED,
            type=visit.target.type,
            interaction=visit.target.interaction,
            status=answer.status,
            milliseconds=round((time.perf_counter() - begun) * 1000, 1),
            bytes=len(answer.body),
        )
        return answer

    def _answer(self, visit: Visit) -> Answer:
        request = visit.request
        target = visit.target = self.router.find(request.method, request.path)
        if target.interaction in _NOT_FHIR:
            return self._handlers[target.interaction](visit)
        media_type = media.wanted(request)
        if visit.audited:
            visit.caller = self.identify(request)
        return _typed(self._handlers[target.interaction](visit), media_type)

    def _recorded(self, visit: Visit, answer: Answer) -> Answer:
        """The answer, once it is written down: what cannot be is not answered."""
        self.record(visit, answer)
        return answer

    @cached_property
    def _handlers(self) -> Mapping[str, Callable[[Visit], Answer]]:
        return {
            "options": lambda _: Answer(204),
            "capabilities": self._capabilities,
            "smart-configuration": self._smart_configuration,
            "search-type": self._search,
            "read": self._read,
            "operation": self._operation,
            "create": self._create,
        }

    def _capabilities(self, _: Visit) -> Answer:
        return Answer(200, self.metadata(), _PUBLIC)

    def _smart_configuration(self, _: Visit) -> Answer:
        """JSON whatever ``Accept`` says; there is none where nobody is asked for a token."""
        if self.smart is None:
            raise NotOffered
        return Answer(200, self.smart(), {"Content-Type": "application/json", **_PUBLIC})

    def _search(self, visit: Visit) -> Answer:
        request, type = visit.request, visit.target.type
        strict = preferences.strict(request.headers.get("prefer", ""))
        found = self.searcher.search(visit.caller, type, _criteria(request), strict=strict)
        return Answer(200, found.body, _privacy(type), found.patients)

    def _read(self, visit: Visit) -> Answer:
        request, target = visit.request, visit.target
        summary, elements = parse_subset(request.query)
        found = self.reader.read(visit.caller, target.type, target.id)
        resource = found.resource
        headers = {**_privacy(target.type), **freshness.validators(resource.version, resource.last_updated)}
        if found.stale:
            headers["Warning"] = '110 - "Response is Stale"'
        if resource.id != target.id:
            headers["Content-Location"] = f"{self.searcher.base_url}/{resource.type}/{resource.id}"
        if freshness.unchanged(request.headers, resource.version, resource.last_updated):
            return Answer(304, headers=headers, patients=found.patients)
        if summary is None and not elements:
            return Answer(200, resource.raw, headers, found.patients)
        body = wire.encode(subset(resource.type, resource.body(), summary, elements))
        return Answer(200, body, headers, found.patients)

    def _operation(self, visit: Visit) -> Answer:
        request, target = visit.request, visit.target
        if request.body:
            media.require(request, media.JSON)
        perform = self.operations[target.operation].perform
        performed = perform(visit.caller, target.type, target.id, target.operation, request.body)
        return Answer(200, performed.body, _PERSONAL, performed.patients)

    def _create(self, visit: Visit) -> Answer:
        request, type = visit.request, visit.target.type
        if self.recording is None:
            raise NotOffered
        media.require(request, media.JSON)
        created = self.recording.create(visit.caller, request.body, _condition(request))
        resource = created.resource
        visit.target = replace(visit.target, id=resource.id)
        place = {"Location": f"{self.searcher.base_url}/{type}/{resource.id}"} if created.new else {}
        headers = {**_PERSONAL, **place, **freshness.validators(resource.version, resource.last_updated)}
        return Answer(201 if created.new else 200, resource.raw, headers, (created.patient,))


def _typed(answer: Answer, media_type: str) -> Answer:
    if not answer.body:
        return answer
    return Answer(answer.status, answer.body, {"Content-Type": media_type, **answer.headers}, answer.patients)


def _presented(answer: Answer, request: Request) -> Answer:
    return replace(answer, body=wire.pretty(answer.body)) if request.pretty and answer.body else answer


def _criteria(request: Request) -> Pairs:
    if request.method != "POST":
        return request.query
    if request.body:
        media.require(request, (media.FORM,))
    return (*request.query, *pairs(request.body))


def _condition(request: Request) -> Pairs | None:
    """The search of ``If-None-Exist``, with or without the type before it."""
    said = request.headers.get("if-none-exist")
    return None if said is None else pairs(said.rpartition("?")[2].encode())


def _privacy(type: str) -> Mapping[str, str]:
    return _PUBLIC if type in definitions.TYPES else _PERSONAL
