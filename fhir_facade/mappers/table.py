"""The mappers by resource type, found by looking: a module here that has a ``TYPE`` is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from fhir_facade import mappers
from fhir_facade.audit.entry import AnyKind
from fhir_facade.mappers.elements import Body
from fhir_facade.mappers.judge import Unrenderable, judge
from fhir_facade.mappers.scene import Scene
from fhir_facade.wire import NoOffset


@dataclass(frozen=True)
class Mapper:
    """Writes the records of one kind as resources of one type; ``kind`` None: made from the settings."""

    type: str
    kind: AnyKind | None
    render: Callable[[Any, Scene], Body]

    def body(self, record: Any, scene: Scene) -> Body:
        """The judged resource of a record, without ``meta``; raises ``Unrenderable``, and nothing else, for a bad one.

        ``resourceType`` and ``id`` are its first keys.  Parts of it may be shared with other bodies: do not change it
        below its top level.
        """
        try:
            body = self.render(record, scene)
        except (NoOffset, ArithmeticError) as unsayable:  # no offset; past the year 9999; a NaN compared
            raise Unrenderable(self.type, self.type) from unsayable
        judge(body)
        return body


def _found() -> dict[str, Mapper]:
    modules = (import_module(f"{mappers.__name__}.{found.name}") for found in iter_modules(mappers.__path__))
    return {m.TYPE: Mapper(m.TYPE, m.KIND, m.render) for m in modules if hasattr(m, "TYPE")}


MAPPERS: Mapping[str, Mapper] = MappingProxyType(_found())
KIND_OF: Mapping[str, AnyKind] = {mapper.type: mapper.kind for mapper in MAPPERS.values() if mapper.kind is not None}
TYPE_OF: Mapping[AnyKind, str] = {kind: type for type, kind in KIND_OF.items()}
