"""JSON Schemas of what is answered, for OpenAPI: those by which every resource is judged before it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fhir_facade.specification.files import document

SCHEMAS = "#/components/schemas/"
_DEFINITIONS = "#/definitions/"
_ALWAYS = ("Bundle", "OperationOutcome")


def schemas(types: Iterable[str]) -> dict[str, Any]:
    """The schemas of these types, of searchsets and outcomes, and all that they refer to, by name."""
    definitions = document("r4.schema.json")["definitions"]
    found: dict[str, Any] = {}
    wanted = [*types, *_ALWAYS]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _here(definitions[name])
            wanted += _named(definitions[name])
    return dict(sorted(found.items()))


def searchset(type: str) -> dict[str, Any]:
    """A Bundle of one type's resources, and of outcomes that tell what is to be known beside them."""
    resource = {"anyOf": [{"$ref": SCHEMAS + type}, {"$ref": f"{SCHEMAS}OperationOutcome"}]}
    entries = {"items": {"type": "object", "properties": {"resource": resource}}}
    properties = {"type": {"const": "searchset"}, "entry": entries}
    return {"allOf": [{"$ref": f"{SCHEMAS}Bundle"}, {"type": "object", "properties": properties}]}


def _named(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_DEFINITIONS)
        for each in schema.values():
            yield from _named(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _named(each)


def _here(schema: Any) -> Any:
    """The same schema, its references led to where OpenAPI keeps schemas."""
    if isinstance(schema, dict):
        return {key: _led(value) if key == "$ref" else _here(value) for key, value in schema.items()}
    return [_here(each) for each in schema] if isinstance(schema, list) else schema


def _led(reference: Any) -> Any:
    return reference.replace(_DEFINITIONS, SCHEMAS) if isinstance(reference, str) else _here(reference)
