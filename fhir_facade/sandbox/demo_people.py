"""Who can sign in at the demo: the sample's people, with the numbers by which the authorities know them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from fhir_facade.keys import PatientKey
from fhir_facade.sandbox.athenahealth.patients import Patient
from fhir_facade.sandbox.athenahealth.practice import Practice
from fhir_facade.sandbox.authorization import Person
from fhir_facade.sandbox.clinic.rows import PEOPLE
from fhir_facade.sandbox.sample import sample_world
from fhir_facade.sandbox.sample.world import PRACTICE
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.state.crosswalk import Known, Proxy

_AUTHORITY_OF_GROUP = {"1": "riverside", "2": "lakeside"}
_PARENT, _CHILD, _BORN = "Anna Vogel", "Milo Vogel", dt.date(2015, 3, 9)
_OF_AGE = 18

Numbers = Mapping[str, list[PatientKey]]


class Ids(Protocol):
    """Makes the ids of local Patients."""

    def patient(self, key: PatientKey) -> str: ...


def demo_people(authorities: Mapping[str, AssigningAuthority], ids: Ids) -> list[Person]:
    """Everybody who has a record that is open, in the order of the sample; the practice's people first."""
    return [
        Person(
            _id(name),
            name,
            ids.patient(numbers[0]),
            frozenset(numbers),
            tuple(f"{authorities[key.authority].name} {key.value}" for key in numbers),
            (_CHILD,) if name == _PARENT else (),
        )
        for name, numbers in _known().items()
    ]


def who_is_who(people: Iterable[Person]) -> list[Known]:
    """What a site's person index would say."""
    return [Known(person.id, key) for person in people for key in sorted(person.numbers)]


def proxies() -> list[Proxy]:
    """A parent sees a child's bills, until the child is of age."""
    return [Proxy(_id(_PARENT), _id(_CHILD), billing=True, until_age=_OF_AGE, birth_date=_BORN)]


def _known() -> Numbers:
    """The numbers by name: somebody of both billing systems is one person here, as in an index of the site."""
    found: dict[str, list[PatientKey]] = {}
    for name, key in (*_at_the_practice(), *_at_the_clinic()):
        found.setdefault(name, []).append(key)
    return found


def _at_the_practice() -> Iterator[tuple[str, PatientKey]]:
    practice = sample_world().practice(PRACTICE)
    for patient in practice.patients.values():
        if patient.status == "active" and not patient.hidden("N"):
            for group in sorted(_groups(practice, patient)):
                yield f"{patient.first} {patient.last}", PatientKey(_AUTHORITY_OF_GROUP[group], patient.number)


def _groups(practice: Practice, patient: Patient) -> set[str]:
    """The provider groups in which they have bills."""
    return {practice.group_of(claim.department) for claim in patient.claims}


def _at_the_clinic() -> Iterator[tuple[str, PatientKey]]:
    for row in PEOPLE:
        if not row.get("archived"):
            yield f"{row['first_names']} {row['family_name']}", PatientKey("clinic", str(row["patient_no"]))


def _id(name: str) -> str:
    """The id of a person in tokens and in the index."""
    return "-".join(name.lower().replace("'", "").split())
