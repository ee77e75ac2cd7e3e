"""From an id, a reference or an identifier to the patient, and from the patient to the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from functools import cached_property, lru_cache

from fhir_facade.audit.entry import AnyKind
from fhir_facade.errors import TimedOut
from fhir_facade.files.accesses import home
from fhir_facade.files.origin import Origin
from fhir_facade.files.patient_file import FileKey, PatientFile
from fhir_facade.files.resource import Resource
from fhir_facade.files.source import REFERENCE_DATA
from fhir_facade.identity.sealing import Opened, Sealer
from fhir_facade.keys import PatientKey
from fhir_facade.mappers.scene import SERIES, series_system
from fhir_facade.mappers.table import KIND_OF
from fhir_facade.records import Kind
from fhir_facade.search.literal import is_id
from fhir_facade.settings.model import AssigningAuthority

Token = tuple[str | None, str]


def _opened(ids: Sealer, type: str, id: str) -> Opened | None:
    """What an id holds."""
    return _opened_before(ids, type, id) if is_id(id) else None


@lru_cache(maxsize=8192)
def _opened_before(ids: Sealer, type: str, id: str) -> Opened | None:
    """Opening costs more than all else that a warm read does."""
    return ids.open(type, id)


# Kinds whose ids hold the whole number; other ids hold the patient's, and a hash of the record's own.
_SEALED_WHOLE = REFERENCE_DATA | {Kind.PERSONS}


@dataclass(frozen=True, eq=False)
class Finder:
    """Knows the released authorities and their billing systems."""

    authorities: Mapping[str, AssigningAuthority]
    sources: Mapping[str, Origin]
    ids: Sealer
    base_url: str
    deadline: float

    @cached_property
    def able(self) -> Mapping[str, frozenset[str]]:
        """By type, the authorities whose billing system has records of its kind."""
        return {
            type: frozenset(each.id for each in self.authorities.values() if kind in self.source(kind, each).kinds)
            for type, kind in KIND_OF.items()
        }

    def source(self, kind: AnyKind, authority: AssigningAuthority) -> Origin:
        """Where an authority's records of a kind come from."""
        return self.sources[home(kind, authority)]

    def file(self, type: str, key: PatientKey) -> FileKey:
        """The file that holds this patient's resources of ``type``; reference data has one file a billing system."""
        kind = KIND_OF[type]
        return FileKey(home(kind, self.authorities[key.authority]), kind, "" if kind in REFERENCE_DATA else key.value)

    def patient(self, type: str, id: str) -> PatientKey | None:
        """Whose resource this is, by its id alone."""
        opened = _opened(self.ids, type, id)
        if opened is None or opened.authority not in self.authorities:
            return None
        return PatientKey(opened.authority, opened.value)

    def outdated(self, reference: str) -> bool:
        """True for a reference whose id was sealed with a key that has been exchanged since."""
        type, _, id = reference.rpartition("/")
        opened = _opened(self.ids, type, id)
        return opened is not None and not opened.current

    def resource(self, type: str, id: str, key: PatientKey, file: PatientFile) -> Resource | None:
        """The resource of a patient's file with this id: also an id of before a merge or an exchange of keys."""
        found = file.by_id.get(id)
        if found is not None:
            return found
        candidates = {resource.own: resource for resource in file.by_authority.get(key.authority, ())}
        if KIND_OF[type] in _SEALED_WHOLE:
            return candidates.get(key.value)
        own = self.ids.own_number(type, id, key, candidates)
        return None if own is None else candidates[own]

    def referenced(self, reference: str, types: Iterable[str]) -> set[PatientKey]:
        """The patients whose resource a reference ("Invoice/x" or a bare "x" of one of ``types``) names."""
        type, _, id = reference.rpartition("/")
        found = (self.patient(each, id) for each in types if not type or each == type)
        return {key for key in found if key is not None}

    def belongs_to_nobody(self, reference: str) -> bool:
        """True for a reference to a resource of ours that has no patient (a practitioner, a place)."""
        type, _, id = reference.rpartition("/")
        return any(
            self.patient(each, id) is not None
            for each, kind in KIND_OF.items()
            if kind in REFERENCE_DATA and type in ("", each)
        )

    def numbered(self, token: Token, authorities: Iterable[str]) -> set[PatientKey]:
        """The patients that a patient number means: of the authority whose system it is, or of each without one."""
        system, value = token
        return {
            PatientKey(name, value) for name in authorities if system is None or self.authorities[name].system == system
        }

    def located(self, type: str, token: Token, authorities: Iterable[str]) -> set[PatientKey] | None:
        """The patient of the record with this number, or None where one of the billing systems cannot tell."""
        system, value = token
        concerned = [
            self.authorities[name]
            for name in authorities
            if system is None or series_system(self.authorities[name], SERIES[type], self.base_url) == system
        ]
        sources = [self.sources[name] for name in sorted({authority.billing_system for authority in concerned})]
        if not all(source.locates(KIND_OF[type]) for source in sources):
            return None
        patients = {source.name: self._locate(source, KIND_OF[type], value) for source in sources}
        return {
            PatientKey(authority.id, patient)
            for authority in concerned
            if (patient := patients[authority.billing_system]) is not None
        }

    def _locate(self, source: Origin, kind: AnyKind, number: str) -> str | None:
        try:
            return source.run(lambda: source.locate(kind, number)).result(timeout=self.deadline)
        except FutureTimeout as late:
            raise TimedOut(f"{source.name}: no answer to locate in {self.deadline} s") from late
