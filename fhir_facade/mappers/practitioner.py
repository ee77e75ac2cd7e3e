"""Somebody who provides care → Practitioner.  https://hl7.org/fhir/R4/practitioner.html"""

from __future__ import annotations

from fhir_facade.mappers.elements import Body, code, name
from fhir_facade.mappers.scene import Scene
from fhir_facade.records import Kind, Practitioner

TYPE = "Practitioner"
KIND = Kind.PRACTITIONERS

NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"


def render(practitioner: Practitioner, scene: Scene) -> Body:
    """The Practitioner, as the scene's authority knows them; the NPI is nobody's of ours, so it has no assigner."""
    identifiers = scene.identifier(TYPE, practitioner.number)
    npi = code(practitioner.npi)
    if npi:
        identifiers.append({"system": NPI_SYSTEM, "value": npi})
    body: Body = {
        "resourceType": TYPE,
        "id": scene.ids.support(TYPE, scene.authority.id, practitioner.number),
        "identifier": identifiers,
    }
    names = name(practitioner.family, practitioner.given, _displayed(practitioner))
    if names:
        body["name"] = names
    return body


def _displayed(practitioner: Practitioner) -> str:
    return practitioner.name or " ".join(part for part in (*practitioner.given, practitioner.family) if part)
