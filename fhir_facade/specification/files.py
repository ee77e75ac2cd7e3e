"""JSON files of the ``capability`` package."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

_ROOT = files("capability")


@cache
def document(name: str) -> Any:
    """The JSON file ``capability/{name}``.  The value is shared: callers do not change it."""
    return msgspec.json.decode((_ROOT / name).read_bytes())


@cache
def folder(name: str) -> tuple[Any, ...]:
    """Every JSON file of ``capability/{name}/``, by file name; a folder that is not there is empty."""
    return tuple(_documents(name))


def _documents(name: str) -> Iterator[Any]:
    place = _ROOT / name
    if not place.is_dir():
        return
    for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield msgspec.json.decode(entry.read_bytes())
