"""A search as those it found may see it: a value that may name somebody else, or their records, is a star."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from fhir_facade.search.definitions import parameters
from fhir_facade.search.parameter import Parameter

_CONTROLS = frozenset({"_count", "_sort", "_summary", "_elements", "_total", "_format", "_pretty"})
_PAGE = "_page"
_CODES = frozenset({"boolean", "code", "CodeableConcept", "Coding"})
_OF_A_LIFE = frozenset({"birthdate", "death-date"})


def elided(type: str, query: str) -> str:
    """The encoded query: names of parameters, and the values that are dates, amounts, codes or wishes for the answer.

    What is not known as a parameter may be part of a value that was not encoded; it is a star as well.
    """
    sent = parse_qsl(query, keep_blank_values=True, errors="replace")
    return urlencode([_shown(type, name, value) for name, value in sent], safe="*:,|/")


def _shown(type: str, name: str, value: str) -> tuple[str, str]:
    code, _, modifier = name.partition(":")
    if code in _CONTROLS:
        return name, value
    parameter = parameters(type).get(code.partition(".")[0])
    if parameter is None:
        return (name if name == _PAGE else "*"), "*"
    return name, value if modifier != "text" and _tells_nobody(parameter) else "*"


def _tells_nobody(parameter: Parameter) -> bool:
    kind = parameter.kind.name
    if kind == "date":
        return parameter.code not in _OF_A_LIFE
    return kind == "quantity" or (kind == "token" and parameter.datatype in _CODES)
