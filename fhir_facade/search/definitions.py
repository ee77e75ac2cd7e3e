"""The search parameters of each type, as ``capability/`` defines them: HL7's, and our own SearchParameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from fhir_facade.search.date import DATE
from fhir_facade.search.parameter import Parameter, ParameterType
from fhir_facade.search.paths import compile
from fhir_facade.search.quantity import QUANTITY
from fhir_facade.search.reference import REFERENCE
from fhir_facade.search.string import STRING
from fhir_facade.search.token import TOKEN
from fhir_facade.search.uri import URI
from fhir_facade.specification.files import document, folder

PARAMETER_TYPES: Mapping[str, ParameterType] = {
    each.name: each for each in (TOKEN, REFERENCE, DATE, QUANTITY, STRING, URI)
}
_ANY = ["*"]
_CHOSEN = re.compile(r"(?: as |ofType\()(\w+)\)$")
_USUAL_DATATYPE = {"reference": "Reference", "date": "dateTime", "quantity": "Money", "string": "string", "uri": "uri"}


@cache
def parameters(type: str) -> Mapping[str, Parameter]:
    """The search parameters of a type by code; ``KeyError`` for a type that is not searched."""
    listed = document("search-parameters.json")["parameters"][type]
    found = {code: _parameter(type, code, entry) for code, entry in listed.items()}
    return MappingProxyType(found | {own.code: own for own in _own(type)})


@cache
def resource_types() -> frozenset[str]:
    """Every resource type of R4 that a reference can name."""
    return frozenset(document("search-parameters.json")["resourceTypes"])


def default_order(type: str) -> str:
    """What ``_sort`` is when nobody says; empty where the id alone orders."""
    return str(document("search-parameters.json")["order"].get(type, ""))


def _own(type: str) -> Iterable[Parameter]:
    for resource in folder("SearchParameter"):
        if type in resource["base"]:
            terms = (term.strip() for term in resource["expression"].split("|"))
            expression = " | ".join(term for term in terms if re.match(rf"\(?{type}\.", term))
            entry = resource | {"expression": expression, "definition": resource["url"]}
            yield _parameter(type, resource["code"], {"datatype": _datatype(entry), **entry})


def _datatype(entry: dict[str, Any]) -> str:
    """What one of our own expressions selects: the type it chooses, else what is usual for the parameter's type."""
    chosen = _CHOSEN.search(entry["expression"])
    return chosen[1] if chosen else _USUAL_DATATYPE[entry["type"]]


def _parameter(type: str, code: str, entry: dict[str, Any]) -> Parameter:
    kind, datatype = PARAMETER_TYPES[entry["type"]], entry["datatype"]
    if datatype not in kind.readers:
        raise ValueError(f"{type}.{code}: a {kind.name} parameter cannot read {datatype}")
    targets = entry.get("target", ())
    return Parameter(
        code=code,
        kind=kind,
        expression=entry["expression"],
        definition=entry["definition"],
        datatype=datatype,
        path=compile(type, entry["expression"]),
        system=entry.get("system", ""),
        targets=() if targets == _ANY else tuple(targets),
    )
