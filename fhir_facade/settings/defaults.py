"""``[defaults.…]``: what every entry of a list has unless it says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_facade.settings.document import Document, Place
from fhir_facade.settings.faults import KeyPath


def with_defaults(document: Document) -> Document:
    """The document with each entry completed; a value that came from the defaults has its place there."""
    values = dict(document.values)
    places = dict(document.places)
    defaults = values.get("defaults")
    for kind, table in defaults.items() if isinstance(defaults, Mapping) else ():
        entries = values.get(kind)
        if isinstance(table, Mapping) and isinstance(entries, list):
            values[kind] = [_completed(entry, table) for entry in entries]
            _place_below(document, places, kind, entries)
    return Document(values, places, document.file)


def _completed(entry: Any, table: Mapping[str, Any]) -> Any:
    """``entry`` over ``table``, tables joined key by key."""
    if not isinstance(entry, Mapping):
        return entry
    joined = {**table, **entry}
    for key in table.keys() & entry.keys():
        if isinstance(table[key], Mapping):
            joined[key] = _completed(entry[key], table[key])
    return joined


def _place_below(document: Document, places: dict[KeyPath, Place], kind: str, entries: list[Any]) -> None:
    for path, place in document.places.items():
        if path[:2] == ("defaults", kind) and len(path) > 2:
            for index in range(len(entries)):
                places.setdefault((kind, index, *path[2:]), place)
