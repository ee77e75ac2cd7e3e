"""Whom a token's patient means, as patient numbers of the authorities that know them (fhir-contract.md §1).

A token's patient is a person, who may be known to several authorities by different numbers: as the crosswalk says, and
because one number is one person within a billing system that says so.  A proxy is those they act for, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.state.crosswalk import SUBJECT

NumbersOf = dict[str, frozenset[PatientKey]]

_IDENTIFIER = "identifier:"


class PersonIndex(Protocol):
    """Who is who, and who acts for whom.  ``until``: how long what it said holds, in seconds of the epoch."""

    @property
    def until(self) -> float: ...

    def numbers(self, person: str) -> frozenset[PatientKey]:
        """All the numbers of a person; none for one who is not known."""

    def person(self, key: PatientKey) -> str | None:
        """Whose number it is."""

    def acts_for(self, proxy: str, today: dt.date) -> frozenset[str]:
        """The people whose bills are open to a proxy today."""


@dataclass(frozen=True)
class People:
    """``means`` is ``security.patient_means``.  ``opened`` tells the number that a local Patient's id is made of.

    ``persons`` are billing systems in which one number is one person, whatever authorities share them.
    """

    means: str
    authorities: Mapping[str, AssigningAuthority]
    opened: Callable[[str], PatientKey | None]
    persons: frozenset[str]
    index: PersonIndex

    def of_token(self, patient: str, today: dt.date) -> NumbersOf:
        """The person that a token's patient is, and those they act for: by id, their numbers at released authorities.

        The id is what the token carries; empty where it is a local Patient's, who stands for themselves.
        """
        keys = self._meant(patient)
        person = self._person(patient, keys)
        own = self._all(keys | (self.index.numbers(person) if person else frozenset()))
        found = {("" if self.means == "local" else patient): own} if own else {}
        return found | (self._acted_for(person, today) if person else {})

    def of_subject(self, subject: str, today: dt.date) -> NumbersOf:
        """Those for whom the subject of a token acts without being a patient."""
        return self._acted_for(SUBJECT + subject, today)

    def _acted_for(self, proxy: str, today: dt.date) -> NumbersOf:
        found = {person: self._all(self.index.numbers(person)) for person in self.index.acts_for(proxy, today)}
        return {person: keys for person, keys in found.items() if keys}

    def _meant(self, patient: str) -> frozenset[PatientKey]:
        if self.means == "local":
            opened = self.opened(patient.removeprefix("Patient/"))
            return frozenset() if opened is None else frozenset({opened})
        system = self.means.removeprefix(_IDENTIFIER)
        return frozenset(PatientKey(each.id, patient) for each in self.authorities.values() if each.system == system)

    def _person(self, patient: str, keys: frozenset[PatientKey]) -> str | None:
        """Who it is in the crosswalk: the one with such a number, or the one whose id the token carries."""
        found = (self.index.person(same) for key in sorted(keys) for same in sorted(self._same(key)))
        of_number = next((person for person in found if person is not None), None)
        if keys or self.means == "local" or patient.startswith(SUBJECT):
            return of_number
        return patient

    def _all(self, keys: frozenset[PatientKey]) -> frozenset[PatientKey]:
        released = (key for key in keys if key.authority in self.authorities)
        return frozenset(same for key in released for same in self._same(key))

    def _same(self, key: PatientKey) -> frozenset[PatientKey]:
        system = self.authorities[key.authority].billing_system
        if system not in self.persons:
            return frozenset({key})
        sharing = (each.id for each in self.authorities.values() if each.billing_system == system)
        return frozenset(PatientKey(authority, key.value) for authority in sharing)
