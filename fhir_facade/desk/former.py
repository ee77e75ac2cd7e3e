"""Ids of before a merge of patients or an exchange of keys: in a search, too, they mean what they named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fhir_facade.desk.finder import Finder
from fhir_facade.files.patient_file import PatientFile
from fhir_facade.identity.sealing import WHOLE
from fhir_facade.keys import PatientKey
from fhir_facade.mappers.table import KIND_OF
from fhir_facade.search.query import Criterion
from fhir_facade.search.reference import identifiers


@dataclass(frozen=True)
class Former:
    """Lets criteria that name former ids admit what has those ids no more."""

    finder: Finder

    def criteria(self, type: str, criteria: Sequence[Criterion], file: PatientFile) -> Sequence[Criterion]:
        """The criteria of a search of ``type``, as they are to be asked of one file."""
        merged = file.number != file.key.patient
        if merged or any(self.finder.outdated(name) for each in criteria for name in _names(type, each)):
            return [self._widened(type, each, file) for each in criteria]
        return criteria

    def _widened(self, type: str, criterion: Criterion, file: PatientFile) -> Criterion:
        names = list(_names(type, criterion))
        if criterion.code != "_id":
            return criterion.with_references(now for name in names for now in self._now(name, criterion.code, file))
        ids, admits = frozenset(id for name in names for id in self._id_now(name, file)), criterion.admits
        return replace(criterion, admits=lambda values: admits(values) or not ids.isdisjoint(values))

    def _id_now(self, name: str, file: PatientFile) -> Iterable[str]:
        type, _, id = name.rpartition("/")
        key = self.finder.patient(type, id)
        if key is not None and self.finder.file(type, key) == file.key:
            found = self.finder.resource(type, id, key, file)
            if found is not None:
                yield found.id

    def _now(self, name: str, code: str, file: PatientFile) -> Iterable[str]:
        """The reference of now for a former one: a record's number is among those that the file's references state."""
        type, _, id = name.rpartition("/")
        key = self.finder.patient(type, id)
        if key is None:
            return
        if type in WHOLE:
            number = file.number if type == "Patient" and key.value == file.key.patient else key.value
            yield f"{type}/{self.finder.ids.support(type, key.authority, number)}"
            return
        stated = (identifiers(each.values(code), type) for each in file.by_authority.get(key.authority, ()))
        own = self.finder.ids.own_number(type, id, key, {number for numbers in stated for number in numbers})
        if own is not None:
            yield f"{type}/{self.finder.ids.record(type, PatientKey(key.authority, file.number), own)}"


def _names(type: str, criterion: Criterion) -> Iterable[str]:
    """What a criterion names, as "Type/id"; a bare id may be of any type."""
    if criterion.code == "_id" and not criterion.modifier:
        return [f"{type}/{id}" for _, id in criterion.tokens]
    return [typed for name in criterion.references for typed in ([name] if "/" in name else _typed(name))]


def _typed(id: str) -> Iterable[str]:
    return (f"{type}/{id}" for type in KIND_OF)
