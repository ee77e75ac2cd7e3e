"""Who can sign in, and the Patient that an app gets to see then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fhir_facade.keys import PatientKey


@dataclass(frozen=True)
class Person:
    """``id`` is the subject of their tokens, ``patient`` the id of a local Patient of theirs.

    ``known_at`` says where they are known, and ``acts_for`` whose bills they see beside their own, as people read it.
    """

    id: str
    name: str
    patient: str
    numbers: frozenset[PatientKey] = frozenset()
    known_at: tuple[str, ...] = ()
    acts_for: tuple[str, ...] = ()


class People:
    """Those who can sign in, in the order in which they are offered."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._people = {person.id: person for person in people}

    def admit(self, people: Iterable[Person]) -> None:
        """Let these sign in, and nobody else."""
        self._people = {person.id: person for person in people}

    def all(self) -> tuple[Person, ...]:
        """Everybody."""
        return tuple(self._people.values())

    def by_id(self, id: str) -> Person | None:
        """The person with this id."""
        return self._people.get(id)

    def by_patient(self, named: str) -> Person | None:
        """The person whose Patient has this id, or who has this number: ``riverside|1001``."""
        authority, _, number = named.partition("|")
        key = PatientKey(authority, number)
        return next((person for person in self.all() if named == person.patient or key in person.numbers), None)
