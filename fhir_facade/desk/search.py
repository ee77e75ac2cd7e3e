"""Search: parse, decide, open the files, match, sort, page, join.  https://hl7.org/fhir/R4/search.html"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import msgspec

from fhir_facade import wire
from fhir_facade.desk.bundle import Entry, Searchset
from fhir_facade.desk.finder import Finder
from fhir_facade.desk.gaps import Gaps
from fhir_facade.desk.matching import Matcher
from fhir_facade.desk.paging import Page, PageState, Sealing, cut
from fhir_facade.desk.persons import Persons
from fhir_facade.desk.scope import Scope, scope
from fhir_facade.desk.visible import Visible
from fhir_facade.errors import Invalid
from fhir_facade.files.cabinet import Cabinet, Opening
from fhir_facade.files.patient_file import PatientFile
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Guard
from fhir_facade.keys import PatientKey
from fhir_facade.outcome import issue
from fhir_facade.search.controls import MAX_COUNT
from fhir_facade.search.query import Query, is_brief, parse
from fhir_facade.search.subset import subset

Pairs = Sequence[tuple[str, str]]

_BESIDE_A_PAGE = frozenset({"_page", "_format", "_pretty"})
_MOST_NOTES = 20

_parsed = lru_cache(maxsize=4096)(parse)  # the same text is the same search


@dataclass(frozen=True)
class Asked:
    """A search, understood.  ``token``: the page link that it came by; ``unread``: what was sent beside the link."""

    caller: Caller
    query: Query
    allowed: Allowed
    concern: Scope
    state: PageState
    token: str | None
    unread: Sequence[str]


class Searched(msgspec.Struct, frozen=True):
    """A Bundle, encoded, and whom it is about: whose records are in it, else whom the search was confined to."""

    body: bytes
    patients: Collection[PatientKey] = ()


@dataclass(frozen=True)
class Searcher:
    """Searches resources of any declared type.  ``own`` are the house's own resources by type: they have no source."""

    guard: Guard
    finder: Finder
    matcher: Matcher
    cabinet: Cabinet
    pages: Sealing
    own: Mapping[str, PatientFile]
    visible: Visible
    persons: Persons
    base_url: str

    def search(self, caller: Caller, type: str, pairs: Pairs, *, strict: bool) -> Searched:
        """The first page of a search, or the page that ``_page`` names."""
        asked = self._asked(caller, type, pairs, strict=strict)
        opening = self._open(type, asked.concern, asked.state.missing)
        if asked.token is not None or not self._kept(asked, opening):
            return self._answer(asked, opening)
        key, file = (asked.query, asked.allowed, caller.name), opening.files[0]
        known, kept = file.page
        answer: Searched = kept if known == key else self._answer(asked, opening)
        if known != key:
            file.page = key, answer
        return answer

    def _kept(self, asked: Asked, opening: Opening) -> bool:
        """True for an answer that may be kept with the one file that it is of."""
        return opening.simple and asked.query.brief and not self.visible.narrows(asked.query.type, asked.allowed)

    def _asked(self, caller: Caller, type: str, pairs: Pairs, *, strict: bool) -> Asked:
        token = next((value for name, value in pairs if name == "_page" and value), None)
        allowed = self.guard.decide(caller, type, "s")
        if token is None:
            state = PageState(type, _sent(self.persons.local(type, pairs, caller, allowed)))
        else:
            state = self._state(token, caller, type)
        unread = () if token is None else _unread(pairs, strict=strict)
        query = self._query(state, strict=strict and token is None)
        return Asked(caller, query, allowed, self._scope(query, allowed), state, token, unread)

    def _answer(self, asked: Asked, opening: Opening) -> Searched:
        query, state, concern = asked.query, asked.state, asked.concern
        gaps = Gaps(opening, state.missing, self.guard.released, concern.authorities)
        counting = query.summary == "count" or query.count == 0
        gaps.refuse(counting=counting, later=asked.token is not None)
        found = self.matcher.ordered(query, asked.allowed, concern, opening.files)
        found = self.visible.among(found, query.type, asked.caller, asked.allowed)
        page = cut(() if counting else found, query, msgspec.structs.replace(state, missing=gaps.lost))
        bundle = Searchset(
            entries=self._entries(query, page.resources),
            links=list(self._links(query, page, asked.token, asked.caller)),
            total=None if gaps.unknown_total or query.total == "none" else len(found),
            as_of=None if concern.located and not found else gaps.as_of,
            issues=[*_notes([*asked.unread, *query.ignored], query.warnings), *self._unable(concern), *gaps.issues()],
        )
        return Searched(bundle.encode(), _about(found if len(found) <= MAX_COUNT else page.resources, concern))

    def _state(self, token: str, caller: Caller, type: str) -> PageState:
        try:
            state = msgspec.convert(self.pages.open(token, caller.name), PageState)
        except msgspec.ValidationError as mistake:  # of another version of this program
            raise Invalid("This page link has expired; search again.", code="value", expression="_page") from mistake
        if state.type != type:
            raise Invalid("This page link belongs to another type.", code="value", expression="_page")
        return state

    def _query(self, state: PageState, *, strict: bool) -> Query:
        parsing = _parsed if is_brief(state.pairs) else parse
        return parsing(state.type, state.pairs, base_url=self.base_url, strict=strict, now=self.cabinet.now)

    def _scope(self, query: Query, allowed: Allowed) -> Scope:
        if query.type in self.own:
            return Scope(allowed.authorities, ())
        return scope(query, allowed, self.finder)

    def _open(self, type: str, concern: Scope, missing: Sequence[str]) -> Opening:
        if type in self.own:
            return Opening(files=[self.own[type]])
        return self.cabinet.open(key for key in concern.files if key.billing_system not in missing)

    def _unable(self, concern: Scope) -> Iterable[dict[str, Any]]:
        for authority in self.guard.released if concern.unable else ():
            if authority.id in concern.unable:
                text = f"{authority.name} (Organization/{authority.id}) does not offer this type."
                yield issue("warning", "not-supported", text)

    def _entries(self, query: Query, resources: Sequence[Resource]) -> list[Entry]:
        if not query.elements and query.summary not in ("true", "text", "data"):
            return [(resource.lead, resource.raw) for resource in resources]
        parts = (subset(query.type, resource.body(), query.summary, query.elements) for resource in resources)
        return [(resource.lead, wire.encode(part)) for resource, part in zip(resources, parts, strict=True)]

    def _links(self, query: Query, page: Page, token: str | None, caller: Caller) -> Iterable[tuple[str, str]]:
        base = f"{self.base_url}/{query.type}"
        used = _used_kept if query.brief else _used
        yield "self", used(query, base) if token is None else f"{base}?_page={token}"
        for relation in ("first", "previous", "next"):
            state = getattr(page, relation)
            if state is not None:
                yield relation, f"{base}?_page={self.pages.seal(msgspec.to_builtins(state), caller.name)}"


def _about(shown: Iterable[Resource], concern: Scope) -> Collection[PatientKey]:
    """Whose records were found, for their number is told: of more than a page can hold, whose are on the page."""
    return sorted({each.patient for each in shown if each.patient is not None} or concern.patients)


def _used(query: Query, base: str) -> str:
    """The self link of a first page: what was really used."""
    pairs = urlencode(query.self_pairs(), safe=":/|,$")
    return f"{base}?{pairs}" if pairs else base


_used_kept = lru_cache(maxsize=4096)(_used)


def _sent(pairs: Pairs) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in pairs if pair[0] != "_page")


def _unread(pairs: Pairs, *, strict: bool) -> tuple[str, ...]:
    """What was sent beside a page link: the link holds the whole search, so that nothing can be added to it."""
    names = tuple(dict.fromkeys(name for name, _ in pairs if name not in _BESIDE_A_PAGE))
    if names and strict:
        raise Invalid("A page link takes no other parameters.", code="not-supported", expression=names[0])
    return names


def _notes(ignored: Sequence[str], warnings: Iterable[str]) -> Iterable[dict[str, Any]]:
    for name in ignored[:_MOST_NOTES]:
        yield issue(
            "warning", "not-supported", f"{name} is not supported here and was ignored.", name.partition("=")[0]
        )
    if len(ignored) > _MOST_NOTES:
        yield issue("warning", "not-supported", f"So were {len(ignored) - _MOST_NOTES} more.")
    for warning in warnings:
        yield issue("warning", "value", warning)
