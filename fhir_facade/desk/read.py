"""Read: open the id, decide, open the file, check.  https://hl7.org/fhir/R4/http.html#read"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from fhir_facade.desk.finder import Finder
from fhir_facade.desk.persons import Persons
from fhir_facade.desk.visible import Visible
from fhir_facade.errors import NotFound, UnexpectedShape
from fhir_facade.files.cabinet import Cabinet
from fhir_facade.files.patient_file import PatientFile
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Guard
from fhir_facade.keys import PatientKey
from fhir_facade.specification.access import rules


class Found(msgspec.Struct, frozen=True):
    """What a read found, and whom it is about.

    ``stale``: its billing system is down, and the site allows what was known before.
    """

    resource: Resource
    patients: Sequence[PatientKey] = ()
    stale: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads resources of any declared type."""

    guard: Guard
    finder: Finder
    cabinet: Cabinet
    own: Mapping[str, PatientFile]
    visible: Visible
    persons: Persons

    def read(self, caller: Caller, type: str, id: str) -> Found:
        """The resource; one and the same ``NotFound`` for unknown, malformed and invisible ids."""
        allowed = self.guard.decide(caller, type, "r")
        person = self.persons.read(type, id, caller, allowed)
        if person is not None:
            return Found(*person)
        found = self._own(type, id) if type in self.own else self._sourced(allowed, type, id)
        if found is None or not allowed.admits(found.resource):
            raise NotFound()
        if not self.visible.among((found.resource,), type, caller, allowed):
            raise NotFound()
        return found

    def _own(self, type: str, id: str) -> Found | None:
        resource = self.own[type].by_id.get(id)
        return None if resource is None else Found(resource)

    def _sourced(self, allowed: Allowed, type: str, id: str) -> Found | None:
        key = self.finder.patient(type, id)
        if key is None or key.authority not in allowed.authorities:
            return None
        if rules()[type].personal and not allowed.names(key):
            return None
        opening = self.cabinet.open((self.finder.file(type, key),))
        for failure in opening.failures.values():
            raise failure
        file = opening.files[0]
        resource = self.finder.resource(type, id, key, file)
        if resource is None and key.authority in file.unrenderable:  # it may be the record that cannot be shown
            raise UnexpectedShape(type)
        if resource is None:
            return None
        return Found(resource, (resource.patient,) if resource.patient else (), stale=bool(opening.stale))
