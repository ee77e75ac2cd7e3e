"""The judge of all that goes out: HL7's R4 schema, tightened by ``tools/r4_schema.py``, one resource at a time.

A Bundle's or Parameters' resources are judged one by one: a whole-bundle pass over a failing bundle of hundreds
takes gigabytes to say why.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema_rs import Draft6Validator, RegexOptions

from fhir_facade.specification.files import document

_INSIDE = {"Bundle": "entry", "Parameters": "parameter"}


class Unrenderable(ValueError):
    """A record that cannot be said in R4.  Its text names the type and the path, and no value."""

    def __init__(self, type: str, path: str) -> None:
        super().__init__(f"{type} is not valid R4 at {path}")
        self.type = type
        self.path = path


def judge(body: dict[str, Any]) -> None:
    """Return if the resource is valid R4; raise ``Unrenderable`` where it is not."""
    type = body.get("resourceType", "")
    validator = validator_of(type)
    if validator is None:
        raise Unrenderable("Resource", "resourceType")
    try:
        valid = validator.is_valid(body)
    except ValueError as unreadable:  # a lone surrogate, or a value of no JSON type
        raise Unrenderable(type, type) from unreadable
    if not valid:
        raise Unrenderable(type, _path(type, next(iter(validator.iter_errors(body))).instance_path))
    if type in _INSIDE:
        for inner in _inner(body.get(_INSIDE[type], ())):
            judge(inner)


def _inner(parts: Any) -> Iterator[dict[str, Any]]:
    for part in parts:
        if "resource" in part:
            yield part["resource"]
        yield from _inner(part.get("part", ()))


def _path(type: str, steps: list[str | int]) -> str:
    """``Invoice.lineItem[0].priceComponent``, as FHIRPath writes it."""
    return type + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


@cache
def validator_of(type: str) -> Draft6Validator | None:
    """What judges a type, without what is inside a Bundle or Parameters; None for what is no resource type of R4."""
    schema = document("r4.schema.json")
    if not type or "resourceType" not in schema["definitions"].get(type, {}).get("properties", ()):
        return None
    # R4's patterns need no look-around: the plain engine runs in linear time, whatever the text
    return Draft6Validator({**schema, "$ref": f"#/definitions/{type}"}, pattern_options=RegexOptions())
