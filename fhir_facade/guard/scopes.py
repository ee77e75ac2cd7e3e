"""SMART scopes, versions 1 and 2: what a token grants.  Whatever is not understood grants nothing and spoils nothing.

https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

SYSTEM = "system"

# Version 2 has its letters in this order, at least one of them.
_SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Za-z]+)\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(.+))?")
_VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}


class Scope(NamedTuple):
    """One scope.  ``type`` may be "*"; ``letters`` are some of "cruds"; ``conditions`` are search parameters."""

    level: str
    type: str
    letters: str
    conditions: tuple[tuple[str, str], ...] = ()

    def grants(self, type: str, letter: str) -> bool:
        """True if it grants the interaction with this letter on a type."""
        return letter in self.letters and self.type in (type, "*")


def scopes(text: str) -> tuple[Scope, ...]:
    """The scopes of a token's ``scope`` that grant something, each once.

    They are parted by the space and by nothing else: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    """
    return tuple(dict.fromkeys(scope for each in text.split(" ") if (scope := _scope(each)) is not None))


def _scope(text: str) -> Scope | None:
    found = _SCOPE.fullmatch(text)
    if found is None:
        return None
    level, type, permissions, query = found.groups()
    if query is None:
        return Scope(level, type, _VERSION_1.get(permissions, permissions))
    if permissions in _VERSION_1:
        return None
    try:
        conditions = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        return None
    return Scope(level, type, permissions, tuple(conditions))
