"""What is read of the index's FHIR resources; whatever else they hold is left out.

https://hl7.org/fhir/R4/patient.html, https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/parameters.html
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeVar

import msgspec


class Period(msgspec.Struct, frozen=True):
    """``end`` is a FHIR dateTime, possibly a year or a month."""

    end: str = ""


class Identifier(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/datatypes.html#Identifier"""

    system: str = ""
    value: str = ""
    use: str = ""
    period: Period = Period()

    def holds(self, today: dt.date) -> bool:
        """True unless it is ``old`` ("no longer considered valid") or its period has ended."""
        end = self.period.end[:10]
        return self.use != "old" and not (end and end < today.isoformat()[: len(end)])


class Reference(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/references.html"""

    reference: str = ""


class Link(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/valueset-link-type.html"""

    other: Reference = Reference()
    type: str = ""


class Name(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/datatypes.html#HumanName"""

    family: str = ""


class Patient(msgspec.Struct, frozen=True):
    """A Patient, or what else an entry of a Bundle may be: only Patients have what is read here."""

    resourceType: str  # noqa: N815
    id: str = ""
    active: bool = True
    identifier: list[Identifier] = []
    name: list[Name] = []
    birthDate: str = ""  # noqa: N815
    link: list[Link] = []

    def agrees(self, other: Patient) -> bool:
        """True where both have a family name in common and the same birth date."""
        families, others = ({name.family.casefold() for name in each.name} - {""} for each in (self, other))
        return bool(families & others) and bool(self.birthDate) and self.birthDate == other.birthDate


class Search(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.search"""

    mode: str = "match"


class Entry(msgspec.Struct, frozen=True):
    """An entry of a searchset."""

    resource: Patient | None = None
    search: Search = Search()


class BundleLink(msgspec.Struct, frozen=True):
    """A link of a Bundle, such as to its next page."""

    relation: str = ""


class Bundle(msgspec.Struct, frozen=True):
    """A searchset."""

    resourceType: Literal["Bundle"]  # noqa: N815
    entry: list[Entry] = []
    link: list[BundleLink] = []


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of an operation's answer."""

    name: str = ""
    valueIdentifier: Identifier | None = None  # noqa: N815
    valueReference: Reference | None = None  # noqa: N815


class Parameters(msgspec.Struct, frozen=True):
    """An operation's answer."""

    resourceType: Literal["Parameters"]  # noqa: N815
    parameter: list[Parameter] = []


class Issue(msgspec.Struct, frozen=True):
    """An issue of an OperationOutcome."""

    code: str = ""


class OperationOutcome(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/operationoutcome.html"""

    resourceType: Literal["OperationOutcome"]  # noqa: N815
    issue: list[Issue] = []


T = TypeVar("T", Bundle, Parameters, OperationOutcome)


def read(body: bytes, type: type[T]) -> T | None:
    """The resource that a body is; None where it is something else."""
    try:
        return msgspec.json.decode(body, type=type)
    except (ValueError, RecursionError):
        return None
