"""The site of the matrix: eight authorities that differ in one switch each, and fifteen patients of theirs.

Every patient has an Invoice that is issued and one that is draft, an Account, an Appointment and a PaymentNotice;
their bills and appointments name practitioners and a place that hardly anybody else's name.  Records have the same
numbers wherever patients have: only the authority tells them apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from fhir_facade.keys import PatientKey
from fhir_facade.records import (
    Account,
    Bill,
    BillState,
    Kind,
    Payment,
    PaymentState,
    Person,
    Place,
    Practitioner,
    Record,
    Share,
    Visit,
    VisitState,
)
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings, Bills

ON = {"bills": Bills(view=True, download=True, pay=True), "prepay": True}
OFF = {"bills": Bills(), "appointments": False}
# authority → its billing system, its part of it, its switches
AUTHORITIES: dict[str, tuple[str, str, dict[str, object]]] = {
    "riverside": ("practice", "1", ON),
    "lakeside": ("practice", "2", ON),
    "harbor": ("practice", "3", OFF),  # not released
    "clinic": ("clinic", "1", ON),
    "viewless": ("hospital", "1", {**ON, "bills": Bills()}),
    "visitless": ("hospital", "2", {**ON, "appointments": False, "prepay": False}),
    "unpending": ("hospital", "3", {**ON, "bills": Bills(view=True, pending=False)}),
    "shut": ("shut", "1", ON),  # of a billing system that is disabled
}
SYSTEMS = ("practice", "clinic", "hospital", "shut")

ANNA = PatientKey("riverside", "1001")
ANNA_AT_THE_CLINIC = PatientKey("clinic", "4001")  # by another number
ANNA_ELSEWHERE = [PatientKey(each, "1001") for each in ("viewless", "visitless", "unpending")]
ANNA_UNRELEASED = [PatientKey(each, "1001") for each in ("harbor", "shut")]
NUMBER_NEXT_DOOR = PatientKey("lakeside", "1001")  # Anna's number in the same billing system, and not in the crosswalk
NORA = PatientKey("clinic", "1001")  # Anna's number, somebody else
BORIS = PatientKey("riverside", "1002")
CHILD = PatientKey("riverside", "1003")  # Anna acts for them
NOT_THE_CHILD = PatientKey("clinic", "1003")
EXPIRED, GROWN_UP, CLINICAL_ONLY = (PatientKey("riverside", value) for value in ("1004", "1005", "1006"))
EVERYBODY = (
    ANNA, ANNA_AT_THE_CLINIC, *ANNA_ELSEWHERE, *ANNA_UNRELEASED, NUMBER_NEXT_DOOR, NORA, BORIS, CHILD, NOT_THE_CHILD,
    EXPIRED, GROWN_UP, CLINICAL_ONLY,
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """A resource that a billing system could fill.  ``patient`` "": it belongs to nobody.  ``own`` makes its id.

    ``names``: what it refers to.
    """

    type: str
    authority: str
    number: str
    patient: str = ""
    status: str = ""
    own: str = ""
    names: frozenset[tuple[str, str]] = frozenset()

    def __str__(self) -> str:
        return f"{self.type} {self.number} of {self.authority}"


@cache
def facts(type: str) -> tuple[Fact, ...]:
    """Everything of a type that there could be."""
    return tuple(fact for fact in _facts() if fact.type == type)


def _facts() -> Iterator[Fact]:
    for key in EVERYBODY:
        yield from _of_patient(key)
    for authority, (system, *_) in AUTHORITIES.items():
        yield Fact("Organization", authority, f"urn:oid:2.999.{authority}")
        for value in _values(system):
            yield Fact("Patient", authority, value, value)  # of every authority that shares the billing system
        for value in _rooms(system):
            yield Fact("Location", authority, f"room-{value}")
            for name in ("bills", "drafts", "sees"):
                yield Fact("Practitioner", authority, f"{name}-{value}")


def _of_patient(key: PatientKey) -> Iterator[Fact]:
    authority, value = key
    number = _number(key)
    for status, name in (("issued", "bills"), ("draft", "drafts")):
        names = frozenset({("Practitioner", f"{name}-{_room(value)}")})
        yield Fact("Invoice", authority, f"{number}-{status}", value, status, names=names)
    yield Fact("Account", authority, number, value, "active")
    names = frozenset({("Practitioner", f"sees-{_room(value)}"), ("Location", f"room-{_room(value)}")})
    yield Fact("Appointment", authority, number, value, "booked", names=names)
    yield Fact("PaymentNotice", authority, number, value, "active", own=f"e{number}")


def _number(key: PatientKey) -> str:
    """Of a patient's records: one number at riverside and at the clinic."""
    return f"{AUTHORITIES[key.authority][1]}-{key.value}"


def _room(value: str) -> str:
    """Whose room and practitioners a patient's records name: their own, or for some the one that Boris has, too."""
    return BORIS.value if value in ("1004", "1005", "1006") else value


def _rooms(system: str) -> list[str]:
    return sorted({_room(value) for value in _values(system)})


def _values(system: str) -> list[str]:
    return sorted({key.value for key in EVERYBODY if AUTHORITIES[key.authority][0] == system})


def records(system: str) -> list[Record]:
    """What the billing system answers with."""
    found: list[Record] = [Person(number=value, family=f"F{value}") for value in _values(system)]
    for value in _rooms(system):
        found.append(Place(number=f"room-{value}", name=f"Room {value}"))
        found += [Practitioner(number=f"{name}-{value}", family="Provider") for name in ("bills", "drafts", "sees")]
    for key in EVERYBODY:
        if AUTHORITIES[key.authority][0] == system:
            found += _records(key)
    return found


def _records(key: PatientKey) -> Iterator[Record]:
    value, number, parts = key.value, _number(key), {"group": AUTHORITIES[key.authority][1]}
    for state, status, name in ((BillState.OWED, "issued", "bills"), (BillState.PENDING, "draft", "drafts")):
        yield Bill(
            number=f"{number}-{status}",
            patient=value,
            state=state,
            due=Decimal("12.50"),
            created=dt.date(2026, 1, 5),
            practitioner=f"{name}-{_room(value)}",
            parts=parts,
        )
    yield Account(number=number, patient=value, name="Account", balance=Decimal("12.50"), parts=parts)
    yield Visit(
        number=number,
        patient=value,
        state=VisitState.BOOKED,
        start=dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC),
        minutes=30,
        place=f"room-{_room(value)}",
        practitioner=f"sees-{_room(value)}",
        parts=parts,
    )
    yield Payment(
        number=number,
        key=f"e{number}",
        patient=value,
        state=PaymentState.POSTED,
        amount=Decimal("5.00"),
        taken=dt.date(2026, 2, 1),
        shares=(Share(bill=f"{number}-issued", amount=Decimal("5.00"), parts=parts, state=BillState.OWED),),
        parts=parts,
    )


def authorities() -> tuple[AssigningAuthority, ...]:
    """As the settings have them."""
    return tuple(
        AssigningAuthority(
            id=id,
            name=id.capitalize(),
            system=f"urn:oid:2.999.{id}",
            billing_system=system,
            select={"group": frozenset({part})},
            **switches,  # type: ignore[arg-type]
        )
        for id, (system, part, switches) in AUTHORITIES.items()
    )


def billing_systems(life: float | None = None) -> tuple[BillingSystemSettings, ...]:
    """As the settings have them: the last one is disabled.  ``life``: for which what was fetched is fresh."""
    lives = {} if life is None else {kind.value: life for kind in Kind}
    return tuple(BillingSystemSettings(name, "memory", enabled=name != "shut", life=lives) for name in SYSTEMS)
