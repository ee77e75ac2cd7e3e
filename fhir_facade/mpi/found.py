"""What a person is looked up by, and what is found of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from fhir_facade.keys import PatientKey
from fhir_facade.mpi.resources import Identifier
from fhir_facade.outgoing import Left

_RESERVED = re.compile(r"[\\|,$]")


class Source(NamedTuple):
    """An identifier; without a system it is the id of a Patient of the index's own."""

    system: str
    value: str

    def token(self) -> str:
        """As a search parameter of type token.  https://hl7.org/fhir/R4/search.html#escaping"""
        return "|".join(_RESERVED.sub(r"\\\g<0>", part) for part in self)


class Found(NamedTuple):
    """A person: the ids that tokens may carry for them, and their numbers at released authorities."""

    ids: frozenset[str] = frozenset()
    numbers: frozenset[PatientKey] = frozenset()


NOBODY = Found()


@dataclass(frozen=True)
class Systems:
    """``person``: the identifier system of people's ids, empty where these are the ids of the index's Patients.

    ``authorities``: the released authorities by the identifier systems of their numbers.
    """

    person: str
    authorities: Mapping[str, str]

    def of(self, key: PatientKey) -> Source | None:
        """How the index knows a number; None for one of an authority that is not released."""
        system = next((system for system, authority in self.authorities.items() if authority == key.authority), None)
        return None if system is None else Source(system, key.value)

    def found(self, identifiers: Iterable[Identifier], patients: Collection[str]) -> Found:
        """The person that has these identifiers and these Patients of the index."""
        valued = [each for each in identifiers if each.value]
        named = frozenset(each.value for each in valued if each.system == self.person)
        numbers = (PatientKey(self.authorities[each.system], each.value) for each in valued if self._is_number(each))
        return Found(named if self.person else frozenset(patients), frozenset(numbers))

    def _is_number(self, identifier: Identifier) -> bool:
        return identifier.system in self.authorities


class Lookup(Protocol):
    """A way to ask the index."""

    def found(self, source: Source, left: Left) -> Found:
        """Who it is; nobody where the index does not know, or leaves it open.  ``PeopleUnavailable`` on any failure."""

    def probe(self, source: Source, left: Left) -> str:
        """Ask in the same way, for somebody who is not there: what is wrong with the settings, or nothing."""
