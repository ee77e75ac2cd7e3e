"""``/metadata``: the CapabilityStatement of this site.  https://hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from fhir_facade import wire
from fhir_facade.search.definitions import parameters
from fhir_facade.specification.statement import statement


@dataclass(frozen=True)
class Metadata:
    """The statement for a base URL and the types that the site's billing systems can fill; made once."""

    raw: bytes

    @classmethod
    def of(cls, base_url: str, types: Collection[str]) -> Metadata:
        """``capability/CapabilityStatement.json``, narrowed to ``types`` and filled with what the site decides."""
        written = statement()
        rest = written["rest"][0]
        resources = [_resource(entry) for entry in rest["resource"] if entry["type"] in types]
        return cls(
            wire.encode(
                written
                | {"implementation": written["implementation"] | {"url": base_url}}
                | {"rest": [rest | {"resource": resources}]}
            )
        )

    def statement(self) -> bytes:
        """The CapabilityStatement's bytes."""
        return self.raw


def _resource(entry: dict[str, Any]) -> dict[str, Any]:
    listed = [
        {"name": code, "definition": parameter.definition, "type": parameter.type}
        for code, parameter in parameters(entry["type"]).items()
    ]
    return entry | {"searchParam": listed}
