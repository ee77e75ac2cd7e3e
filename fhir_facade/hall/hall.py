"""Every FHIR request passes here: negotiated, routed, answered, presented, and logged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from fhir_facade import wire
from fhir_facade.backends.port import EventLog
from fhir_facade.desk.read import Reader
from fhir_facade.desk.search import Searcher
from fhir_facade.errors import NotOffered
from fhir_facade.events import Event
from fhir_facade.guard.caller import ANYBODY, Caller
from fhir_facade.hall import freshness, media, preferences
from fhir_facade.hall.boundary import answered
from fhir_facade.hall.exchange import Answer, Pairs, Request, pairs
from fhir_facade.hall.routes import NOWHERE, Router, Target
from fhir_facade.search.query import parse_subset
from fhir_facade.search.subset import subset
from fhir_facade.specification import definitions

_PERSONAL = {"Cache-Control": "no-store", "Vary": "Accept, Authorization, Prefer, Origin"}
_NOT_FHIR = frozenset({"smart-configuration"})
_PUBLIC = {"Cache-Control": "public, max-age=300", "Vary": "Accept, Origin"}


@dataclass(frozen=True)
class Hall:
    """The interactions of the server, for plain requests."""

    router: Router
    reader: Reader
    searcher: Searcher
    metadata: bytes
    identify: Callable[[Request], Caller]
    event: EventLog
    smart: Callable[[], bytes] | None = None

    def answer(self, request: Request) -> Answer:
        """The answer to any request whatever; it does not raise."""
        begun, target = time.perf_counter(), NOWHERE

        def work() -> Answer:
            nonlocal target
            request.within_bounds()
            target = self.router.find(request.method, request.path)
            if target.interaction in _NOT_FHIR:
                return self._handlers[target.interaction](request, target)
            media_type = media.wanted(request)
            return _typed(self._handlers[target.interaction](request, target), media_type)

        answer = _presented(answered(work, self.event), request)
        self.event(
            Event.REQUEST_ANSWERED,
            type=target.type,
            interaction=target.interaction,
            status=answer.status,
            milliseconds=round((time.perf_counter() - begun) * 1000, 1),
            bytes=len(answer.body),
        )
        return answer

    @cached_property
    def _handlers(self) -> Mapping[str, Callable[[Request, Target], Answer]]:
        return {
            "options": lambda _request, _target: Answer(204),
            "capabilities": self._capabilities,
            "smart-configuration": self._smart_configuration,
            "search-type": self._search,
            "read": self._read,
        }

    def _caller(self, request: Request, target: Target) -> Caller:
        """Definitions are read without a token (fhir-contract.md §8)."""
        return ANYBODY if target.type in definitions.TYPES else self.identify(request)

    def _capabilities(self, request: Request, _: Target) -> Answer:
        return Answer(200, self.metadata, _PUBLIC)

    def _smart_configuration(self, request: Request, _: Target) -> Answer:
        """JSON whatever ``Accept`` says; there is none where nobody is asked for a token."""
        if self.smart is None:
            raise NotOffered
        return Answer(200, self.smart(), {"Content-Type": "application/json", **_PUBLIC})

    def _search(self, request: Request, target: Target) -> Answer:
        strict = preferences.strict(request.headers.get("prefer", ""))
        caller = self._caller(request, target)
        body = self.searcher.search(caller, target.type, _criteria(request), strict=strict)
        return Answer(200, body, _privacy(target.type))

    def _read(self, request: Request, target: Target) -> Answer:
        summary, elements = parse_subset(request.query)
        found = self.reader.read(self._caller(request, target), target.type, target.id)
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


def _typed(answer: Answer, media_type: str) -> Answer:
    if not answer.body:
        return answer
    return Answer(answer.status, answer.body, {"Content-Type": media_type, **answer.headers})


def _presented(answer: Answer, request: Request) -> Answer:
    return replace(answer, body=wire.pretty(answer.body)) if request.pretty and answer.body else answer


def _criteria(request: Request) -> Pairs:
    if request.method != "POST":
        return request.query
    body = request.body.wait()
    if body:
        media.require(request, (media.FORM,))
    return (*request.query, *pairs(body))


def _privacy(type: str) -> Mapping[str, str]:
    return _PUBLIC if type in definitions.TYPES else _PERSONAL
