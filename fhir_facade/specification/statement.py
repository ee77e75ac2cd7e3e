"""The CapabilityStatement: what is declared, and with that what is routed."""

from __future__ import annotations

from functools import cache
from typing import Any

from fhir_facade.specification.files import document


@cache
def declared() -> dict[str, frozenset[str]]:
    """The interactions of every declared type: ``{"Invoice": {"read", "search-type"}}``."""
    return {
        entry["type"]: frozenset(interaction["code"] for interaction in entry["interaction"]) for entry in _resources()
    }


@cache
def declared_operations() -> dict[str, frozenset[str]]:
    """The operations of every declared type, by their names without ``$``."""
    return {
        entry["type"]: frozenset(operation["name"] for operation in entry.get("operation", ()))
        for entry in _resources()
    }


def statement() -> Any:
    """``capability/CapabilityStatement.json`` as it is written."""
    return document("CapabilityStatement.json")


def _resources() -> Any:
    return statement()["rest"][0]["resource"]
