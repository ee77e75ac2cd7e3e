"""A person as an assigning authority knows them → the local Patient.  https://hl7.org/fhir/R4/patient.html

Neither insurance nor guarantor nor social security number: nobody who reads a bill needs them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fhir_facade import wire
from fhir_facade.mappers.elements import Body, address, name, telecom
from fhir_facade.mappers.scene import Scene
from fhir_facade.records import Gender, Kind, Person

TYPE = "Patient"
KIND = Kind.PERSONS

GENDER = {
    Gender.MALE: "male",
    Gender.FEMALE: "female",
    Gender.OTHER: "other",
    Gender.UNKNOWN: "unknown",
}


def render(person: Person, scene: Scene) -> Body:
    """The Patient under the number in force."""
    known: Body = {
        "name": name(person.family, person.given),
        "telecom": telecom(person.phone, person.email),
        "gender": GENDER[person.gender] if person.gender else None,
        "birthDate": wire.date(person.birth_date) if person.birth_date else None,
        **_deceased(person.deceased),
        "address": [home] if (home := address(person.address)) else [],
    }
    return {
        **_head(person.number, person.active, scene),
        **{key: value for key, value in known.items() if value or value is False},
        "managingOrganization": scene.organization,
    }


def render_replaced(old_number: str, person: Person, scene: Scene) -> Body:
    """The Patient under a number that was merged into ``person``: inactive, and points to the one in force.

    It repeats no demographics: those are the current Patient's.
    """
    return {
        **_head(old_number, False, scene),
        "managingOrganization": scene.organization,
        "link": [{"other": scene.patient(person.number), "type": "replaced-by"}],
    }


def render_person(id: str, local: Iterable[tuple[str, str, str]]) -> Body:
    """A person of the issuer's, who stands for local Patients: the id, system and number of each."""
    return {
        "resourceType": TYPE,
        "id": id,
        "link": [
            {
                "other": {"reference": f"{TYPE}/{other}", "identifier": {"system": system, "value": number}},
                "type": "seealso",
            }
            for other, system, number in local
        ],
    }


def _head(number: str, active: bool, scene: Scene) -> Body:
    return {
        "resourceType": TYPE,
        "id": scene.ids.patient(scene.key(number)),
        "identifier": scene.patient_identifier(number),
        "active": active,
    }


def _deceased(deceased: dt.date | bool | None) -> Body:
    if deceased is None:
        return {}
    if isinstance(deceased, bool):
        return {"deceasedBoolean": deceased}
    return {"deceasedDateTime": wire.date_time(deceased)}
