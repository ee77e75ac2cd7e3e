"""Classes by the name that ``type`` has in the settings: installed entry points of a group, or a dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any


@dataclass(frozen=True)
class Plugins:
    """A group of entry points whose classes derive from ``base``; ``unknown`` is raised for what is none of them."""

    group: str
    base: type[Any]
    unknown: type[LookupError]

    def installed(self) -> Mapping[str, EntryPoint]:
        """Every installed one by name, without importing any."""
        return {point.name: point for point in sorted(entry_points(group=self.group), key=lambda point: point.name)}

    def load(self, name: str) -> type[Any]:
        """The class that ``name`` means: an installed name, or ``package.module:Class``.

        Raises ``unknown`` when there is none, when it cannot be imported, or when it is not a ``base``.
        """
        point = EntryPoint(name, name, self.group) if ":" in name else self.installed().get(name)
        if point is None:
            names = ", ".join(self.installed()) or "none"
            raise self.unknown(f'type = "{name}": installed are {names}; or write "package.module:Class"')
        try:
            found = point.load()
        except (ImportError, AttributeError, ValueError) as error:
            raise self.unknown(f'type = "{name}": cannot import {point.value}: {error}') from error
        if not (isinstance(found, type) and issubclass(found, self.base)):
            base = f"{self.base.__module__}.{self.base.__qualname__}"
            raise self.unknown(f'type = "{name}": {point.value} is not a {base}')
        return found
