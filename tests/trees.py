"""Walks through JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value, outer ones first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def references(value: Any) -> set[str]:
    """What the References in a value name outside of it."""
    found = {node["reference"] for node in nodes(value) if isinstance(node.get("reference"), str)}
    return {reference for reference in found if not reference.startswith("#")}
