"""Whom a token's patient means, as patient numbers of the authorities that know them (fhir-contract.md §1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import AssigningAuthority

_IDENTIFIER = "identifier:"


@dataclass(frozen=True)
class People:
    """``means`` is ``security.patient_means``.  ``opened`` tells the number that a local Patient's id is made of.

    ``persons`` are billing systems in which one number is one person, whatever authorities share them.
    """

    means: str
    authorities: Mapping[str, AssigningAuthority]
    opened: Callable[[str], PatientKey | None]
    persons: frozenset[str]

    def keys(self, patient: str) -> frozenset[PatientKey]:
        """All the numbers of a token's patient; none where it means nobody whom we know."""
        return frozenset(same for key in self._meant(patient) for same in self._same(key))

    def _meant(self, patient: str) -> Iterable[PatientKey]:
        if self.means == "local":
            opened = self.opened(patient.removeprefix("Patient/"))
            return () if opened is None else (opened,)
        if not self.means.startswith(_IDENTIFIER):
            return ()
        system = self.means.removeprefix(_IDENTIFIER)
        return (PatientKey(each.id, patient) for each in self.authorities.values() if each.system == system)

    def _same(self, key: PatientKey) -> Iterable[PatientKey]:
        system = self.authorities[key.authority].billing_system
        if system not in self.persons:
            return (key,)
        sharing = (each.id for each in self.authorities.values() if each.billing_system == system)
        return (PatientKey(authority, key.value) for authority in sharing)
