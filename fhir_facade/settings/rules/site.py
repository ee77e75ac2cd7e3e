"""The settings as rules see them: well-formed values only, by kind, with their paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir_facade.settings.backends import Backends, Gateways
from fhir_facade.settings.faults import Finding, KeyPath

Entry = tuple[KeyPath, Mapping[str, Any]]


@dataclass(frozen=True)
class Site:
    """``values`` is a whole ``facade.toml`` from which every value that its schema refuses was taken out.

    ``place`` says where the value at a path was written ("facade.toml:12").
    """

    values: Mapping[str, Any]
    backends: Backends
    place: Callable[[KeyPath], str]
    gateways: Gateways

    def table(self, kind: str) -> Mapping[str, Any]:
        """``[server]`` or ``[security]``; empty when left out."""
        found: Mapping[str, Any] = self.values.get(kind) or {}
        return found

    def entries(self, kind: str) -> Iterator[Entry]:
        """The tables of a list, with their paths."""
        for index, entry in enumerate(self.values.get(kind) or ()):
            if isinstance(entry, Mapping):
                yield (kind, index), entry

    def named(self, kind: str, name: str) -> Entry | None:
        """The first table of a list with this name."""
        return next((entry for entry in self.entries(kind) if entry[1].get("name") == name), None)


Rule = Callable[[Site], Iterable[Finding]]
