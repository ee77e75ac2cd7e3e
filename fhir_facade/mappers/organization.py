"""An assigning authority → Organization.  https://hl7.org/fhir/R4/organization.html"""

from __future__ import annotations

from fhir_facade.mappers.elements import URI_SYSTEM, Body
from fhir_facade.mappers.scene import Scene
from fhir_facade.records import Kind
from fhir_facade.settings.model import AssigningAuthority

TYPE = "Organization"
KIND: Kind | None = None  # it comes from the settings, not from a billing system


def render(authority: AssigningAuthority, scene: Scene | None = None) -> Body:
    """The Organization; its id is the authority's own, its identifier the pair that every assigner carries."""
    return {
        "resourceType": TYPE,
        "id": authority.id,
        "identifier": [{"system": URI_SYSTEM, "value": authority.system}],
        "active": True,
        "name": authority.name,
    }
