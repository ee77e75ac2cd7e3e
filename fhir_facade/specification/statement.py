"""The CapabilityStatement: what is declared, and with that what is routed."""

from __future__ import annotations

from functools import cache
from typing import Any

from fhir_facade.specification.files import document


@cache
def declared() -> dict[str, frozenset[str]]:
    """The interactions of every declared type: ``{"Invoice": {"read", "search-type"}}``."""
    return {
        entry["type"]: frozenset(interaction["code"] for interaction in entry["interaction"])
        for entry in statement()["rest"][0]["resource"]
    }


def statement() -> Any:
    """``capability/CapabilityStatement.json`` as it is written."""
    return document("CapabilityStatement.json")
