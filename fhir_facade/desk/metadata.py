"""``/metadata``: the CapabilityStatement of this site.  https://hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fhir_facade import wire
from fhir_facade.search.definitions import parameters
from fhir_facade.specification.statement import statement


def metadata(base_url: str, types: Collection[str]) -> bytes:
    """``capability/CapabilityStatement.json``, narrowed to the types that the site's billing systems can fill."""
    written = statement()
    rest = written["rest"][0]
    resources = [_resource(entry) for entry in rest["resource"] if entry["type"] in types]
    return wire.encode(
        written
        | {"implementation": written["implementation"] | {"url": base_url}}
        | {"rest": [rest | {"resource": resources}]}
    )


def _resource(entry: dict[str, Any]) -> dict[str, Any]:
    listed = [
        {"name": code, "definition": parameter.definition, "type": parameter.type}
        for code, parameter in parameters(entry["type"]).items()
    ]
    return entry | {"searchParam": listed}
