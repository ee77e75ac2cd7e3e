"""What lies outside the FHIR base: the operators' pages, and what gateways tell.  None asks a billing system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fhir_facade import wire
from fhir_facade.backends.port import EventLog
from fhir_facade.errors import Invalid, MethodNotAllowed, NotOffered
from fhir_facade.hall.boundary import answered
from fhir_facade.hall.exchange import LONGEST_FORM, Answer, Request

Page = Callable[[], Answer]
Mailbox = Callable[[Request], Answer]


class Outside:
    """Pages by path: ``{"livez": page}``; ``mailboxes`` take what others post to them."""

    def __init__(
        self, pages: Mapping[str, Page], event: EventLog, mailboxes: Mapping[str, Mailbox] = MappingProxyType({})
    ) -> None:
        self._pages, self._mailboxes, self._event = pages, mailboxes, event

    def answer(self, request: Request) -> Answer:
        """The page, or an OperationOutcome."""
        if request.method == "OPTIONS":
            return Answer(204)
        return answered(lambda: self._answer(request), self._event)

    def _answer(self, request: Request) -> Answer:
        mailbox = self._mailboxes.get(request.path)
        if mailbox is None:
            return self._page(request)()
        if request.method != "POST":
            raise MethodNotAllowed("POST, OPTIONS")
        return mailbox(request)

    def _page(self, request: Request) -> Page:
        page = self._pages.get(request.path)
        if page is None:
            raise NotOffered
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed("GET, HEAD, OPTIONS")
        return page


def livez() -> Answer:
    """The process runs."""
    return _plain({"status": "ok"})


def readyz(state: Callable[[], None], digest: str) -> Page:
    """Settings are loaded and the state database answers; ``state`` raises where it does not (503)."""

    def page() -> Answer:
        state()
        return _plain({"status": "ok", "settings": digest})

    return page


def metrics(exposition: Callable[[], bytes]) -> Page:
    """Prometheus' text format.  https://prometheus.io/docs/instrumenting/exposition_formats/"""
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"}
    return lambda: Answer(200, exposition(), headers)


def protected_resource(base_url: str, issuer: str) -> Page:
    """Whose tokens open what is here.  https://www.rfc-editor.org/rfc/rfc9728"""
    body = {"resource": base_url, "authorization_servers": [issuer], "bearer_methods_supported": ["header"]}
    return lambda: _plain(body, "public, max-age=300")


def notifications(told: Callable[[Mapping[str, str], bytes], None]) -> Mailbox:
    """A gateway's word.  Answered once the ledger has it: what fails here is sent again."""

    def mailbox(request: Request) -> Answer:
        if len(request.body) > LONGEST_FORM:
            raise Invalid("The notification is too long.", code="too-costly")
        told(request.headers, request.body)
        return _plain({"status": "ok"})

    return mailbox


def _plain(body: Mapping[str, Any], kept: str = "no-store") -> Answer:
    return Answer(200, wire.encode(body), {"Content-Type": "application/json", "Cache-Control": kept})
