"""A department or site of care → Location.  https://hl7.org/fhir/R4/location.html"""

from __future__ import annotations

from fhir_facade.mappers.elements import Body, address, telecom, text
from fhir_facade.mappers.scene import Scene
from fhir_facade.records import Kind, Place

TYPE = "Location"
KIND = Kind.PLACES


def render(place: Place, scene: Scene) -> Body:
    """The Location, as the scene's authority knows it."""
    known = {
        "name": text(place.name),
        "mode": "instance",
        "telecom": telecom(place.phone),
        "address": address(place.address),
    }
    return {
        "resourceType": TYPE,
        "id": scene.ids.support(TYPE, scene.authority.id, place.number),
        "identifier": scene.identifier(TYPE, place.number),
        **{key: value for key, value in known.items() if value},
        "managingOrganization": scene.organization,
    }
