"""Entries of the audit trail as operators read them: nothing elided, and the owner of what was refused."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_facade.audit.entry import Entry, read
from fhir_facade.desk.finder import Finder
from fhir_facade.keys import PatientKey
from fhir_facade.mappers.audit_event import TYPE, event
from fhir_facade.mappers.elements import Body
from fhir_facade.state.trail import Linked


@dataclass(frozen=True)
class Exporter:
    """Knows whose ids are whose."""

    finder: Finder

    def event(self, row: Linked) -> Body:
        """The AuditEvent; of an entry that cannot be read, a Basic that says which."""
        entry = read(row.entry)
        if entry is None:
            return {"resourceType": "Basic", "id": f"audit-{row.seq}", "code": {"text": "unreadable audit entry"}}
        about = entry.patient or self._owner(entry)
        patient = None if about is None else self._reference(about)
        return event(entry, self._id(row, entry.patient), self.finder.base_url, patient)

    def _id(self, row: Linked, patient: PatientKey | None) -> str:
        """The id by which its patient knows it; of nobody's, its place."""
        if patient is None or patient.authority not in self.finder.authorities:
            return f"audit-{row.seq}"
        return self.finder.ids.record(TYPE, patient, str(row.seq))

    def _owner(self, entry: Entry) -> PatientKey | None:
        """Whose an id is that was refused."""
        return self.finder.patient(entry.type, entry.id) if entry.id else None

    def _reference(self, patient: PatientKey) -> Body:
        """An authority that is no longer released has no Patients; its number says who it was."""
        authority = self.finder.authorities.get(patient.authority)
        if authority is None:
            return {"display": f"{patient.authority} {patient.value}"}
        reference = f"Patient/{self.finder.ids.patient(patient)}"
        return {"reference": reference, "identifier": {"system": authority.system, "value": patient.value}}
