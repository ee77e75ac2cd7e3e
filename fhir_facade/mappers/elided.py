"""A search as those it found may see it: a value that may name somebody else, or their records, is a star."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from fhir_facade.search.definitions import parameters

_CONTROLS = frozenset({"_count", "_sort", "_summary", "_elements", "_total", "_format", "_pretty"})
_NUMBERS = frozenset({"identifier", "_id"})
_TELLING_NOBODY = frozenset({"date", "quantity"})


def elided(type: str, query: str) -> str:
    """The encoded query: all its names, and the values that are dates, amounts, codes or wishes for the answer."""
    sent = parse_qsl(query, keep_blank_values=True, errors="replace")
    return urlencode([(name, value if _harmless(type, name) else "*") for name, value in sent], safe="*:,|/")


def _harmless(type: str, name: str) -> bool:
    code, _, modifier = name.partition(":")
    parameter = parameters(type).get(code)
    if code in _CONTROLS or parameter is None:
        return code in _CONTROLS
    kind = parameter.kind.name
    return kind in _TELLING_NOBODY or (kind == "token" and code not in _NUMBERS and modifier != "text")
