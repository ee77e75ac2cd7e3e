"""People who are known to several authorities: their person Patient, and what a reference to it stands for.

fhir-contract.md §1: a person Patient links to each visible local Patient; a reference that names it stands for these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fhir_facade import wire
from fhir_facade.desk.finder import Finder
from fhir_facade.files.cabinet import Cabinet
from fhir_facade.files.rendering import Draft
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed
from fhir_facade.keys import PatientKey
from fhir_facade.mappers import patient
from fhir_facade.mappers.judge import judge
from fhir_facade.search.literal import is_id
from fhir_facade.specification.access import rules

Pairs = Sequence[tuple[str, str]]

_PREFIX = f"{patient.TYPE}/"


@dataclass(frozen=True)
class Persons:
    """``caller.persons`` as resources and as references."""

    finder: Finder
    cabinet: Cabinet

    def read(
        self, type: str, id: str, caller: Caller, allowed: Allowed
    ) -> tuple[Resource, Sequence[PatientKey]] | None:
        """The person Patient with this id and whom it links to, if the caller's token is theirs."""
        if type != patient.TYPE or id not in caller.persons or not is_id(id):
            return None
        if all(grant.conditions for grant in allowed.grants):
            return None
        visible = self._there([*self._visible(id, caller, allowed)])
        if not visible:
            return None
        authorities = self.finder.authorities
        others = [(self.finder.ids.patient(key), authorities[key.authority].system, key.value) for key in visible]
        body = patient.render_person(id, others)
        judge(body)
        view = "".join(f" {link}" for link, _, _ in others)  # no date tells that others read it otherwise
        draft = Draft(type, id, visible[0].authority, visible[0], wire.encode(body), None, id, {}, view)
        (resource,) = self.cabinet.renderer.dated([draft], self.cabinet.now())
        return resource, visible

    def _there(self, keys: Sequence[PatientKey]) -> list[PatientKey]:
        """Without the numbers that nobody has; those of a billing system that does not answer are not left out."""
        files = {key: self.finder.file(patient.TYPE, key) for key in keys}
        opening = self.cabinet.open(dict.fromkeys(files.values()))
        known = {id for file in opening.files for id in file.by_id}
        return [key for key in keys if files[key] in opening.failures or self.finder.ids.patient(key) in known]

    def local(self, type: str, pairs: Pairs, caller: Caller, allowed: Allowed) -> Pairs:
        """The pairs of a search with local Patients in the places of persons."""
        if not caller.persons:
            return pairs
        codes = {f"{code}{modifier}" for code in rules()[type].named_by for modifier in ("", f":{patient.TYPE}")}
        return [(name, self._local(value, caller, allowed) if name in codes else value) for name, value in pairs]

    def _local(self, value: str, caller: Caller, allowed: Allowed) -> str:
        return ",".join(each for part in value.split(",") for each in self._stands_for(part, caller, allowed))

    def _stands_for(self, reference: str, caller: Caller, allowed: Allowed) -> Iterable[str]:
        id = reference.removeprefix(f"{self.finder.base_url}/").removeprefix(_PREFIX)
        local = [_PREFIX + self.finder.ids.patient(key) for key in self._visible(id, caller, allowed)]
        return local or (reference,)

    @staticmethod
    def _visible(person: str, caller: Caller, allowed: Allowed) -> Iterable[PatientKey]:
        return (key for key in sorted(caller.persons.get(person, ())) if allowed.names(key))
