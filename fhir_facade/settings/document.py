"""The settings as they were written: values of all files in one tree, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_facade.settings.faults import Fault, Finding, KeyPath, dotted
from fhir_facade.settings.quoting import quoted


@dataclass(frozen=True)
class Place:
    """Where a value was written; ``path`` is its path in that file."""

    file: str
    line: int
    path: KeyPath


@dataclass(frozen=True)
class Document:
    """All files' values, and the place of each path.  A path without a place of its own has its nearest parent's."""

    values: Mapping[str, Any]
    places: Mapping[KeyPath, Place]
    file: str

    def place(self, path: KeyPath) -> Place:
        """The place of a value, or the one where it would have to be written."""
        for end in range(len(path), 0, -1):
            if found := self.places.get(path[:end]):
                return Place(found.file, found.line, (*found.path, *path[end:]))
        return Place(self.file, 0, path)

    def fault(self, finding: Finding) -> Fault:
        """A finding with its place and its quoted value."""
        place = self.place(finding.path)
        message = f"{self._subject(finding)} {finding.message}"
        return Fault(place.file, place.line, dotted(place.path), message, finding.advice)

    def _subject(self, finding: Finding) -> str:
        key = next((step for step in reversed(finding.path) if isinstance(step, str)), "")
        if not has(self.values, finding.path):
            return key
        return f"{key} = {quoted(key, value_at(self.values, finding.path), hidden=finding.hidden)}"


def walk(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value of a tree with its path, parents first."""
    yield path, value
    steps = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from walk(inner, (*path, step))


def value_at(value: Any, path: Iterable[str | int]) -> Any:
    """The value at a path.  ``LookupError`` or ``TypeError`` when there is none."""
    for step in path:
        value = value[step]
    return value


def has(value: Any, path: Iterable[str | int]) -> bool:
    """Whether there is a value at a path."""
    for step in path:
        steps = value.keys() if isinstance(value, Mapping) else range(len(value)) if isinstance(value, list) else ()
        if step not in steps:
            return False
        value = value[step]
    return True
