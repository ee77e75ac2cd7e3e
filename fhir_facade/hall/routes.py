"""Which interaction a path and a method mean.  https://hl7.org/fhir/R4/http.html"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_facade.errors import MethodNotAllowed, NotOffered

# (shape of the path, method → interaction); ``type`` and ``id`` stand for themselves, all else is literal.
ROUTES: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (("metadata",), {"GET": "capabilities"}),
    (("type",), {"GET": "search-type"}),
    (("type", "_search"), {"POST": "search-type"}),
    (("type", "id"), {"GET": "read"}),
)


@dataclass(frozen=True)
class Target:
    """What a request is aimed at."""

    interaction: str
    type: str = ""
    id: str = ""


NOWHERE = Target("none")


@dataclass(frozen=True)
class Router:
    """Routes for what is declared of each type: ``{"Invoice": {"read", "search-type"}}``."""

    declared: Mapping[str, frozenset[str]]

    def find(self, method: str, path: str) -> Target:
        """The target; ``NotOffered`` for a path, ``MethodNotAllowed`` for a method that is not there."""
        if method == "OPTIONS":
            return Target("options")
        parts = tuple(path.split("/"))
        for shape, methods in ROUTES:
            if not self._fits(shape, parts):
                continue
            named = dict(zip(shape, parts, strict=True))
            offered = self._offered(methods, named.get("type"))
            if not offered:
                continue
            interaction = offered.get("GET" if method == "HEAD" else method)
            if interaction is None:
                raise MethodNotAllowed(self._allow(offered))
            return Target(interaction, named.get("type", ""), named.get("id", ""))
        raise NotOffered

    def _offered(self, methods: Mapping[str, str], type: str | None) -> Mapping[str, str]:
        if type is None:
            return methods
        return {method: each for method, each in methods.items() if each in self.declared[type]}

    def _fits(self, shape: tuple[str, ...], parts: tuple[str, ...]) -> bool:
        return len(shape) == len(parts) and all(map(self._stands_for, shape, parts))

    def _stands_for(self, word: str, part: str) -> bool:
        if word == "type":
            return part in self.declared
        if word == "id":
            return not part.startswith(("_", "$")) and part != ""
        return word == part

    @staticmethod
    def _allow(methods: Mapping[str, str]) -> str:
        return ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])
