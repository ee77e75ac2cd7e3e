"""Search: parse, decide, open the files, match, sort, page, join.  https://hl7.org/fhir/R4/search.html"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import msgspec

from fhir_facade import wire
from fhir_facade.desk.bundle import Entry, Searchset
from fhir_facade.desk.finder import Finder
from fhir_facade.desk.gaps import Gaps
from fhir_facade.desk.paging import Page, PageState, Sealing, cut
from fhir_facade.desk.scope import Scope, scope
from fhir_facade.errors import Invalid
from fhir_facade.files.cabinet import Cabinet, Opening
from fhir_facade.files.patient_file import PatientFile
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Guard
from fhir_facade.keys import PatientKey
from fhir_facade.outcome import issue
from fhir_facade.search.query import Criterion, Query, parse
from fhir_facade.search.subset import subset
from fhir_facade.specification.access import rules

Pairs = Sequence[tuple[str, str]]

_WORTH_KEEPING = 2_000  # characters; longer searches are rare, and would fill the memory


@lru_cache(maxsize=4096)
def _parsed(type: str, pairs: Pairs, base_url: str, strict: bool, _day: int) -> Query:
    """The same text is the same search, for a day: what "approximately now" means moves on."""
    return parse(type, pairs, base_url=base_url, strict=strict)


@dataclass(frozen=True)
class Searcher:
    """Searches resources of any declared type.  ``own`` are the house's own resources by type: they have no source."""

    guard: Guard
    finder: Finder
    cabinet: Cabinet
    pages: Sealing
    own: Mapping[str, PatientFile]
    base_url: str

    def search(self, caller: Caller, type: str, pairs: Pairs, *, strict: bool) -> bytes:
        """The first page of a search, or the page that ``_page`` names."""
        token = next((value for name, value in pairs if name == "_page"), None)
        state = PageState(type, tuple(pairs)) if token is None else self._state(token, caller, type)
        query = self._query(state, strict=strict and token is None)
        allowed = self.guard.decide(caller, type)
        concern = self._scope(query, allowed)
        opening = self._open(type, concern, state.missing)
        gaps = Gaps(opening, state.missing, [a for a in self.guard.released if a.id in concern.authorities])
        counting = query.summary == "count" or query.count == 0
        gaps.refuse(counting=counting, later=token is not None)
        found = self._matches(query, allowed, concern, opening)
        ordered = () if counting else query.order.sort(found, Resource.values, _id)
        page = cut(ordered, query, msgspec.structs.replace(state, missing=gaps.lost))
        return Searchset(
            entries=[self._entry(resource, query) for resource in page.resources],
            links=list(self._links(query, page, token, caller)),
            total=None if gaps.unknown_total or query.total == "none" else len(found),
            as_of=gaps.as_of,
            issues=[*_notes(query), *self._unable(concern), *gaps.issues()],
        ).encode()

    def _state(self, token: str, caller: Caller, type: str) -> PageState:
        state = msgspec.convert(self.pages.open(token, caller.name), PageState)
        if state.type != type:
            raise Invalid("This page link belongs to another type.", code="value", expression="_page")
        return state

    def _query(self, state: PageState, *, strict: bool) -> Query:
        if sum(len(name) + len(value) for name, value in state.pairs) > _WORTH_KEEPING:
            return parse(state.type, state.pairs, base_url=self.base_url, strict=strict)
        return _parsed(state.type, state.pairs, self.base_url, strict, dt.datetime.now(dt.UTC).toordinal())

    def _scope(self, query: Query, allowed: Allowed) -> Scope:
        if query.type in self.own:
            return Scope(allowed.authorities, ())
        return scope(query, allowed, self.finder)

    def _open(self, type: str, concern: Scope, missing: Sequence[str]) -> Opening:
        if type in self.own:
            return Opening(files=[self.own[type]])
        return self.cabinet.open(key for key in concern.files if key.billing_system not in missing)

    def _matches(self, query: Query, allowed: Allowed, concern: Scope, opening: Opening) -> list[Resource]:
        codes = {criterion.code for criterion in query.criteria} | set(query.order.codes)
        found = []
        for file in opening.files:
            criteria = self._criteria(query, file)
            for authority in sorted(concern.authorities & file.by_authority.keys()):
                for resource in file.by_authority[authority]:
                    resource.index(codes)
                    if all(c.admits(resource.values(c.code)) for c in criteria) and allowed.admits(resource):
                        found.append(resource)
        return found

    def _unable(self, concern: Scope) -> Iterable[dict[str, Any]]:
        for authority in self.guard.released:
            if authority.id in concern.unable:
                text = f"{authority.name} (Organization/{authority.id}) does not offer this type."
                yield issue("warning", "not-supported", text)

    def _criteria(self, query: Query, file: PatientFile) -> Sequence[Criterion]:
        """A patient's number before a merge, and an id before an exchange of keys, mean the patient as of now, too."""
        named_by = rules()[query.type].named_by
        named = [reference for c in query.criteria if c.code in named_by for reference in c.references]
        if file.number == file.key.patient and not any(map(self.finder.outdated, named)):
            return query.criteria
        return [self._as_of_now(c, file) if c.code in named_by else c for c in query.criteria]

    def _as_of_now(self, criterion: Criterion, file: PatientFile) -> Criterion:
        named = {key for each in criterion.references for key in self.finder.referenced(each, ("Patient",))}
        now = (PatientKey(key.authority, file.number) for key in named if key.value == file.key.patient)
        return criterion.with_references(f"Patient/{self.finder.ids.patient(key)}" for key in now)

    def _entry(self, resource: Resource, query: Query) -> Entry:
        raw = resource.raw
        if query.elements or query.summary in ("true", "text", "data"):
            raw = wire.encode(subset(resource.type, resource.body(), query.summary, query.elements))
        return Entry(f"{self.base_url}/{resource.type}/{resource.id}", raw)

    def _links(self, query: Query, page: Page, token: str | None, caller: Caller) -> Iterable[tuple[str, str]]:
        base = f"{self.base_url}/{query.type}"
        used = urlencode(query.self_pairs() if token is None else [("_page", token)], safe=":/|,$")
        yield "self", f"{base}?{used}" if used else base
        for relation in ("first", "previous", "next"):
            state = getattr(page, relation)
            if state is not None:
                yield relation, f"{base}?_page={self.pages.seal(msgspec.to_builtins(state), caller.name)}"


def _notes(query: Query) -> Iterable[dict[str, Any]]:
    for name in query.ignored:
        yield issue(
            "warning", "not-supported", f"{name} is not supported here and was ignored.", name.partition("=")[0]
        )
    for warning in query.warnings:
        yield issue("warning", "value", warning)


def _id(resource: Resource) -> str:
    return resource.id
