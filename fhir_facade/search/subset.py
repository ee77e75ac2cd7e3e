"""A part of a resource: ``_summary`` and ``_elements``.  https://hl7.org/fhir/R4/search.html#summary

Whatever is asked for, a part keeps its type, id, meta, mandatory elements, modifier extensions, and the contained
resources that a kept element refers to; and it is tagged SUBSETTED, so that nobody takes it for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from fhir_facade.specification.files import document

_ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})
_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}


def subset(type: str, body: dict[str, Any], summary: str | None, elements: Sequence[str]) -> dict[str, Any]:
    """The part of ``body`` that ``_summary`` (true, text, data) or ``_elements`` asks for; ``body`` is left as it is.

    Without either, and for ``_summary=false``, the whole.
    """
    if summary == "data":
        return _tagged({name: value for name, value in body.items() if name.removeprefix("_") != "text"})
    if summary == "text":
        wanted = frozenset({"text"})
    elif summary == "true":
        wanted = _elements(type)["summary"]
    elif elements:
        wanted = _expanded(type, elements)
    else:
        return body
    return _tagged(_kept(body, wanted | _elements(type)["mandatory"] | _ALWAYS))


@cache
def _elements(type: str) -> Mapping[str, frozenset[str]]:
    listed = document("summary-elements.json")[type]
    return {name: frozenset(listed[name]) for name in ("mandatory", "summary")}


def _expanded(type: str, elements: Sequence[str]) -> frozenset[str]:
    """``_elements`` by their names in JSON: a choice stands for each of its types."""
    choices = document("summary-elements.json")[type].get("choices", {})
    return frozenset(name for element in elements for name in choices.get(element, (element,)))


def _kept(body: dict[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name in wanted or name.removeprefix("_") in wanted}
    if "contained" not in body or "contained" in kept:
        return kept
    contained = _named(kept, body["contained"])
    return kept | {"contained": contained} if contained else kept


def _named(kept: dict[str, Any], contained: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The contained resources that what is kept refers to, directly or through one another."""
    named: set[str] = set()
    while True:
        chosen = [resource for resource in contained if f"#{resource.get('id')}" in named]
        reached = {reference for part in (kept, chosen) for reference in _references(part) if reference[:1] == "#"}
        if reached <= named:
            return chosen
        named |= reached


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _tagged(body: dict[str, Any]) -> dict[str, Any]:
    meta = body.get("meta", {})
    return body | {"meta": meta | {"tag": [*meta.get("tag", ()), _SUBSETTED]}}
