"""What an operation is asked of: visible to the caller, and as its billing system says now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fhir_facade.desk.finder import Finder
from fhir_facade.errors import NotFound
from fhir_facade.files.cabinet import Cabinet
from fhir_facade.files.cut import cut
from fhir_facade.guard.decision import Allowed
from fhir_facade.keys import PatientKey
from fhir_facade.owner import own_number
from fhir_facade.records import Record
from fhir_facade.settings.model import AssigningAuthority

R = TypeVar("R", bound=Record)

# What has to be known beside what an operation is asked of.
_BESIDE: Mapping[str, Sequence[str]] = {"Invoice": ("Account",), "Account": ("Invoice",), "Appointment": ()}


@dataclass(frozen=True)
class Aim:
    """A patient's record, and all that was asked for with it, as the authority may show it."""

    key: PatientKey
    authority: AssigningAuthority
    record: Record
    records: Sequence[Record]

    def all(self, type_: type[R]) -> list[R]:
        """The records of one kind."""
        return [record for record in self.records if isinstance(record, type_)]


@dataclass(frozen=True)
class Aiming:
    """Opens an id, decides, and asks the billing system anew: whatever is kept does not count where money moves."""

    finder: Finder
    cabinet: Cabinet

    def at(self, type: str, id: str, allowed: Allowed) -> Aim:
        """The record with this id; one and the same ``NotFound`` for unknown, malformed and invisible ids."""
        key = self.finder.patient(type, id)
        if key is None or not allowed.names(key):
            raise NotFound
        authority = self.finder.authorities[key.authority]
        able = [each for each in (type, *_BESIDE[type]) if key.authority in self.finder.able[each]]
        if type not in able:
            raise NotFound
        found = self.cabinet.anew(self.finder.file(each, key) for each in able)
        resource = self.finder.resource(type, id, key, found[0].file)
        if resource is None or not allowed.admits(resource):
            raise NotFound
        shown = [part for anew in found for each in anew.records if (part := cut(each, authority)) is not None]
        own = [each for each in found[0].records if own_number(each) == resource.own]
        record = next(part for each in own if (part := cut(each, authority)) is not None)
        return Aim(PatientKey(key.authority, found[0].file.number), authority, record, shown)
