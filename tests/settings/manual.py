"""The tables of ``docs/settings.md`` and the rows that the schema asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fhir_facade.settings.judge import facade_schema

MANUAL = Path(__file__).parents[2] / "docs" / "settings.md"
SECTIONS = (
    "server",
    "security",
    "people",
    "audit",
    "payments",
    "billing_system",
    "assigning_authority",
    "client",
    "gateway",
)
WORDS = {"string": "text", "boolean": "true or false", "integer": "whole number", "array": "list", "object": "table"}


class Row(NamedTuple):
    """One key as the manual describes it."""

    section: str
    key: str
    type: str
    default: str
    meaning: str

    def __str__(self) -> str:
        return f"| `{self.key}` | {self.type} | {self.default} | {self.meaning} |"


def written() -> list[Row]:
    """The rows of the manual."""
    section, rows = "", []
    for line in MANUAL.read_text().splitlines():
        if line.startswith("#"):
            section = line.strip("# `[]")
        if line.startswith("| `"):
            key, type_, default, meaning = (cell.strip() for cell in line.strip("|").split(" | "))
            rows.append(Row(section, key.strip("`"), type_, default, meaning))
    return rows


def wanted() -> Iterator[Row]:
    """The rows that the schema asks for."""
    schema = facade_schema()
    for name in ("include", "defaults"):
        yield from _rows("The file", "", {"properties": {name: {**schema["properties"][name], "properties": {}}}}, ())
    for section in SECTIONS:
        needed = schema["properties"][section].get("items", schema["$defs"][section]).get("required", ())
        yield from _rows(section, "", schema["$defs"][section], needed)


def _rows(section: str, prefix: str, schema: Mapping[str, Any], needed: Any) -> Iterator[Row]:
    for key, about in schema["properties"].items():
        definition = facade_schema()["$defs"].get(about.get("$ref", "").rpartition("/")[2], {})
        merged = {**definition, **about}
        default = "required" if key in needed else _default(merged)
        yield Row(section, prefix + key, _type(merged), default, merged["description"])
        if merged.get("properties"):
            yield from _rows(section, f"{prefix}{key}.", merged, ())


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return " or ".join(WORDS.get(name, name) for name in names)


def _default(schema: Mapping[str, Any]) -> str:
    value = schema.get("default")
    return "" if value in (None, "", [], {}) else f"`{json.dumps(value)}`"
