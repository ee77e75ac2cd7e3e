"""How a site has payments told: an authority's ``posting`` table, its schema, and the method for each tender (F1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fhir_facade.backends.athenahealth.configuration import NUMBER

VENDOR = "vendor"
CARD = "card"
NOT_CARDS = frozenset({"ach", "bank", "cash", "us_bank_account"})

POSTING_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["via", "department", "methods"],
    "properties": {
        "via": {
            "description": "recordpayment, or vendor where athenahealth has issued a patient pay vendor's code.",
            "enum": ["recordpayment", VENDOR],
            "examples": ["recordpayment"],
        },
        "department": {
            **NUMBER,
            "description": "The department that payments are booked to; one of the authority's.",
            "examples": ["1"],
        },
        "methods": {
            "description": (
                "The practice's payment method for each card brand (visa, mastercard, amex, discover, ...) or other "
                "tender (ach, cash); card stands for brands that are not named."
            ),
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z][a-z0-9_-]*$", "errorMessage": "must be in lower case, such as visa"},
            "additionalProperties": {
                "type": "string",
                "minLength": 1,
                "not": {"enum": ["CHECK", "check"]},
                "errorMessage": "must be a method that needs no check's number",
            },
            "examples": [{"visa": "MC/VISA", "mastercard": "MC/VISA"}],
        },
        "vendor_code": {
            "description": "The code that athenahealth issued to the patient pay vendor.",
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{1,64}$",
            "examples": ["ACME"],
        },
        "terminal_id": {
            "description": "The vendor's terminal, which athenahealth asks for with card payments.",
            "type": "string",
            "minLength": 1,
            "examples": ["T1"],
        },
    },
    "if": {"properties": {"via": {"const": VENDOR}}, "required": ["via"]},
    "then": {"required": ["vendor_code", "terminal_id"]},
}


class Way(msgspec.Struct, frozen=True):
    """The way one payment is told.  Kept in its snapshot: settings that change later change nothing of it.

    ``method`` is empty where none is named for the tender; ``via`` where the authority has no ``posting``.
    """

    via: str = ""
    department: str = ""
    method: str = ""
    vendor: str = ""
    terminal: str = ""


def way(settings: Mapping[str, Any], tender: str, brand: str) -> Way:
    """The way of a payment by this tender."""
    return Way(
        via=settings.get("via", ""),
        department=str(settings.get("department", "")),
        method=method(settings, tender, brand),
        vendor=settings.get("vendor_code", ""),
        terminal=settings.get("terminal_id", ""),
    )


def method(settings: Mapping[str, Any], tender: str, brand: str) -> str:
    """The practice's method for a card's brand, else for its kind of tender; empty where neither is named."""
    named: Mapping[str, str] = settings.get("methods", {})
    return named.get(brand.strip().lower(), "") or named.get(tender.strip().lower(), "")


def takes(settings: Mapping[str, Any], tender: str, brand: str) -> bool:
    """Whether a tender can be booked; a card of no brand yet, if any card can."""
    if method(settings, tender, brand):
        return True
    return tender.strip().lower() == CARD and not brand and bool(settings.get("methods", {}).keys() - NOT_CARDS)
