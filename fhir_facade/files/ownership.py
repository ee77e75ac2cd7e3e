"""Whose a resource is: what the access rule of its type reads in it, held against the record it was made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fhir_facade.mappers.judge import Unrenderable
from fhir_facade.search.paths import Path, compile
from fhir_facade.specification.access import rules


def require_owner(body: Mapping[str, Any], patient: str) -> None:
    """``Unrenderable`` unless the path of ``capability/access.json`` leads to the Patient with this id alone."""
    type = body["resourceType"]
    if set(_patients(type, body)) != {f"Patient/{patient}"}:
        raise Unrenderable(type, rules()[type].patient)


def _patients(type: str, body: Mapping[str, Any]) -> Iterator[str]:
    """What the path selects are References, of which some may name others than patients, or a Patient's own id."""
    for element in _path(type)(dict(body)):
        reference = f"{type}/{element}" if isinstance(element, str) else element.get("reference", "")
        if reference.startswith("Patient/"):
            yield reference


@cache
def _path(type: str) -> Path:
    return compile(type, rules()[type].patient)
