"""Which interaction a path and a method mean.  https://hl7.org/fhir/R4/http.html"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fhir_facade.errors import MethodNotAllowed, NotOffered
from fhir_facade.specification.operations import operations

# (shape of the path, method → interaction); ``type`` and ``id`` stand for themselves, all else is literal.
ROUTES: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (("metadata",), {"GET": "capabilities"}),
    ((".well-known", "smart-configuration"), {"GET": "smart-configuration"}),
    (("type",), {"GET": "search-type", "POST": "create"}),
    (("type", "_search"), {"POST": "search-type"}),
    (("type", "id"), {"GET": "read"}),
)


@dataclass(frozen=True)
class Target:
    """What a request is aimed at; ``operation`` without ``$``."""

    interaction: str
    type: str = ""
    id: str = ""
    operation: str = ""


NOWHERE = Target("none")


@dataclass(frozen=True)
class Router:
    """Routes for what is declared of each type: ``{"Invoice": {"read", "search-type"}}``, ``{"Invoice": {"pay"}}``."""

    declared: Mapping[str, frozenset[str]]
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def find(self, method: str, path: str) -> Target:
        """The target; ``NotOffered`` for a path, ``MethodNotAllowed`` for a method that is not there."""
        if method == "OPTIONS":
            return Target("options")
        first, _, rest = path.partition("/")
        if "/$" in rest:
            return self._operation(method, first, *rest.split("/$", 1))
        id = "" if not rest or "/" in rest or rest.startswith(("_", "$")) else rest
        offered = self._offered.get((first, rest)) or self._offered.get((first, "id" if id else rest))
        if not offered:
            raise NotOffered
        interaction = offered.get("GET" if method == "HEAD" else method)
        if interaction is None:
            raise MethodNotAllowed(self._allow(offered))
        return Target(interaction, first if first in self.declared else "", id)

    def _operation(self, method: str, type: str, id: str, name: str) -> Target:
        """What changes something is asked for by POST alone.  https://hl7.org/fhir/R4/operations.html#executing"""
        if name not in self.operations.get(type, ()) or "/" in id or id.startswith("_"):
            raise NotOffered
        allowed = ["POST"] if operations()[name].affects_state else ["GET", "HEAD", "POST"]
        if method not in allowed:
            raise MethodNotAllowed(", ".join([*allowed, "OPTIONS"]))
        return Target("operation", type, id, name)

    @cached_property
    def _offered(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """What each path offers: its first part, and the rest, where ``id`` stands for every id."""
        found: dict[tuple[str, str], Mapping[str, str]] = {}
        for (first, *rest), methods in ROUTES:
            for type, interactions in (
                self.declared.items() if first == "type" else [(first, frozenset(methods.values()))]
            ):
                offered = {method: each for method, each in methods.items() if each in interactions}
                found[type, "".join(rest)] = offered
        return found

    @staticmethod
    def _allow(methods: Mapping[str, str]) -> str:
        return ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])
