"""The FHIR data types that several mappers write: texts, codes, names, telecom, addresses.

https://hl7.org/fhir/R4/datatypes.html.  What a source left empty is absent here, never an empty text or list.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from fhir_facade.records import Address

Body = dict[str, Any]

CANONICAL = "https://w3id.org/fhir-facade"
EXTENSION = f"{CANONICAL}/StructureDefinition/"
URI_SYSTEM = "urn:ietf:rfc:3986"
LAST_SOURCE_SYNC = "http://hl7.org/fhir/StructureDefinition/lastSourceSync"  # when a billing system was asked

# https://hl7.org/fhir/R4/extension-data-absent-reason.html: it exists, and the source does not say it
UNKNOWN: Body = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
}


def text(value: str) -> str:
    """The text without control characters and outer space, as FHIR's ``string`` allows it; may be empty."""
    if value.isprintable():
        return value.strip()
    kept = (c for c in value if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join("".join(kept).split())


def code(value: str) -> str:
    """The text as FHIR's ``code`` allows it: single spaces inside, none around; may be empty."""
    return " ".join(text(value).split())


def concept(system: str, value: str, display: str = "") -> Body:
    """A CodeableConcept of one coding."""
    coding = {"system": system, "code": value}
    return {"coding": [coding | {"display": display} if display else coding]}


def name(family: str, given: tuple[str, ...], displayed: str = "") -> list[Body]:
    """HumanNames: one, or none where nothing is known."""
    parts: Body = {
        "text": text(displayed),
        "family": text(family),
        "given": [part for part in map(text, given) if part],
    }
    known = {key: part for key, part in parts.items() if part}
    return [known] if known else []


def telecom(phone: str, email: str = "") -> list[Body]:
    """ContactPoints, telephone first."""
    points = (("phone", text(phone)), ("email", text(email)))
    return [{"system": system, "value": value} for system, value in points if value]


def address(given: Address | None) -> Body:
    """An Address; empty where nothing is known."""
    if given is None:
        return {}
    parts: Body = {
        "line": [line for line in map(text, given.lines) if line],
        "city": text(given.city),
        "state": text(given.state),
        "postalCode": text(given.postal_code),
        "country": text(given.country),
    }
    return {key: part for key, part in parts.items() if part}
