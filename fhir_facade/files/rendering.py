"""Records become resources: cut for each authority, mapped, judged, encoded, dated and hashed, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from fhir_facade import wire
from fhir_facade.backends.port import EventLog
from fhir_facade.events import Event
from fhir_facade.files.cut import cut
from fhir_facade.files.ownership import require_owner
from fhir_facade.files.patient_file import FileKey, PatientFile
from fhir_facade.files.resource import Resource
from fhir_facade.keys import PatientKey
from fhir_facade.mappers.elements import LAST_SOURCE_SYNC, Body
from fhir_facade.mappers.judge import Unrenderable, judge
from fhir_facade.mappers.patient import render_replaced
from fhir_facade.mappers.scene import Ids, Scene
from fhir_facade.mappers.table import MAPPERS, TYPE_OF
from fhir_facade.owner import own_number, patient_of
from fhir_facade.records import Person, Record
from fhir_facade.search.definitions import default_order, parameters
from fhir_facade.search.parameter import Parameter
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification.access import rules
from fhir_facade.specification.switches import offers

_SLICE = 2_047  # bytes; for more, hashing gives the interpreter's lock away, and under load waits to have it back


class FirstSeen(Protocol):
    """Remembers since when each resource has had its present content."""

    def first_seen(self, items: Sequence[tuple[bytes, bytes]], now: dt.datetime) -> Sequence[dt.datetime]:
        """For each (resource key, content digest), both of 16 bytes: when this content was first seen."""


class Draft(msgspec.Struct, frozen=True):
    """A resource before it is dated: its bytes without ``meta``.

    ``view``: what sets it apart from the same resource as other callers see it; each is dated for itself.
    """

    type: str
    id: str
    authority: str
    patient: PatientKey | None
    raw: bytes
    updated: dt.datetime | None
    own: str
    values: Mapping[str, tuple[Any, ...]]
    view: str = ""

    @property
    def digest(self) -> bytes:
        digest = blake2b(digest_size=16)
        for start in range(0, len(self.raw), _SLICE):
            digest.update(self.raw[start : start + _SLICE])
        return digest.digest()


@dataclass(frozen=True)
class Renderer:
    """Renders what billing systems answer for the authorities that share them."""

    ids: Ids
    base_url: str
    sightings: FirstSeen
    event: EventLog

    def file(
        self,
        key: FileKey,
        records: Iterable[Record],
        authorities: Iterable[AssigningAuthority],
        *,
        as_of: dt.datetime,
        number: str = "",
    ) -> PatientFile:
        """The file of ``records``.  A record that cannot be rendered is left out and its authority is noted."""
        records = tuple(records)
        drafts: list[Draft] = []
        spoilt: set[str] = set()
        for authority in authorities:
            if not offers(authority, TYPE_OF[key.kind]):
                continue
            scene = Scene(authority=authority, ids=self.ids, base_url=self.base_url, now=as_of)
            for record in records:
                try:
                    drafts.extend(self._drafts(key, record, scene))
                except Unrenderable as surprise:
                    self.event(Event.RECORD_UNRENDERABLE, billing_system=key.billing_system, path=str(surprise))
                    spoilt.add(authority.id)
        resources = self.dated(drafts, as_of, synced=as_of)
        return PatientFile(key, resources, as_of=as_of, number=number, unrenderable=frozenset(spoilt))

    def _drafts(self, key: FileKey, record: Record, scene: Scene) -> Iterable[Draft]:
        shown = cut(record, scene.authority)
        if shown is None:
            return
        if shown.updated is not None and shown.updated.utcoffset() is None:
            raise Unrenderable(TYPE_OF[key.kind], "meta.lastUpdated")
        body = MAPPERS[TYPE_OF[key.kind]].body(shown, scene)
        yield _draft(body, scene, patient_of(shown), shown, own_number(shown))
        if isinstance(shown, Person) and key.patient not in ("", shown.number):
            replaced = render_replaced(key.patient, shown, scene)
            judge(replaced)
            yield _draft(replaced, scene, key.patient, shown, key.patient)

    def dated(
        self, drafts: Sequence[Draft], now: dt.datetime, *, synced: dt.datetime | None = None
    ) -> Iterable[Resource]:
        """Resources of drafts: with their version, since when they are so, and when their source was asked."""
        digests = [draft.digest for draft in drafts]
        undated = {_key(draft): digest for draft, digest in zip(drafts, digests, strict=True) if draft.updated is None}
        seen = dict(zip(undated, self.sightings.first_seen(list(undated.items()), now), strict=True)) if undated else {}
        sync = _sync(synced)
        for draft, digest in zip(drafts, digests, strict=True):
            yield self._resource(draft, digest.hex()[:16], draft.updated or seen[_key(draft)], sync)

    def _resource(self, draft: Draft, version: str, last_updated: dt.datetime, sync: str) -> Resource:
        """``meta`` goes right behind the id, where the mappers leave room for it."""
        head = f'{{"resourceType":"{draft.type}","id":"{draft.id}"'
        meta = f',"meta":{{{sync}"versionId":"{version}","lastUpdated":"{wire.instant(last_updated)}"}}'
        return Resource(
            draft.type,
            draft.id,
            draft.authority,
            draft.patient,
            raw=head.encode() + meta.encode() + draft.raw[len(head) :],
            version=version,
            last_updated=last_updated,
            own=draft.own,
            base_url=self.base_url,
            values=draft.values,
        )


def _key(draft: Draft) -> bytes:
    return blake2b(f"{draft.type}/{draft.id}{draft.view}".encode(), digest_size=16).digest()


def _draft(body: Body, scene: Scene, number: str, record: Record, own: str) -> Draft:
    type, patient = body["resourceType"], None
    if rules()[type].personal:
        patient = scene.key(number)
        require_owner(body, scene.ids.patient(patient))
    values = {code: parameter.index(body) for code, parameter in _usual(type)}
    return Draft(type, body["id"], scene.authority.id, patient, wire.encode(body), record.updated, own, values)


@cache
def _usual(type: str) -> tuple[tuple[str, Parameter], ...]:
    """The search parameters that nearly every search of a type needs: who, and in which order."""
    codes = {*rules()[type].named_by[:1], default_order(type).removeprefix("-")} - {""}
    return tuple((code, parameters(type)[code]) for code in sorted(codes))


def _sync(asked: dt.datetime | None) -> str:
    """How ``meta`` begins where a source was asked."""
    if asked is None:
        return ""
    return f'"extension":[{{"url":"{LAST_SOURCE_SYNC}","valueDateTime":"{wire.instant(asked)}"}}],'
