"""Records with names, each of which has a golden resource beside it: ``golden/<Type>-<case>.json``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fhir_facade.audit.entry import Access, Entry
from fhir_facade.keys import PatientKey
from fhir_facade.mappers import patient
from fhir_facade.mappers.scene import Scene
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import (
    Account,
    AccountLink,
    Address,
    Bill,
    BillState,
    Charge,
    Gender,
    Payment,
    PaymentState,
    Person,
    Place,
    Practitioner,
    Share,
    Visit,
    VisitState,
)
from fhir_facade.settings.model import AssigningAuthority, Bills

NEW_YORK = ZoneInfo("America/New_York")
NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.UTC)


class OpenIds:
    """Ids that a reader of a golden file can follow; the real ones are sealed."""

    def patient(self, patient: PatientKey) -> str:
        return f"{patient.authority}.{patient.value}"

    def record(self, type: str, patient: PatientKey, own: str) -> str:
        return f"{patient.authority}.{patient.value}.{own}"

    def support(self, type: str, authority: str, number: str) -> str:
        return f"{authority}.{number}"


RIVERSIDE = AssigningAuthority(
    id="riverside",
    name="Riverside Medical Group",
    system="urn:oid:1.3.6.1.4.1.99999.1",
    billing_system="athena",
    bills=Bills(view=True, pay=True),
    prepay=True,
)
CLINIC = AssigningAuthority(
    id="clinic",
    name="Lakeside Clinic",
    system="urn:oid:1.3.6.1.4.1.99999.3",
    billing_system="clinic",
    bills=Bills(view=True, pending=False),
    currency="CAD",
    identifiers={"invoice": "https://lakeside.example/bills"},
)
SCENE = Scene(RIVERSIDE, OpenIds(), "https://billing.example.org/fhir", NOW)
CLINIC_SCENE = replace(SCENE, authority=CLINIC)

ANNA = "1001"
OFFICE_VISIT = Charge(amount=Decimal("125.00"), code="99213", modifiers=("25",), description="Office visit")
BLOOD_TEST = Charge(amount=Decimal(".16"), code="85025", description="Blood count")
OWED = Bill(
    number="501",
    patient=ANNA,
    state=BillState.OWED,
    billed=Decimal("125.16"),
    insurance_paid=Decimal("80.00"),
    insurance_pending=Decimal("0"),
    adjusted=Decimal("32.66"),
    due=Decimal("12.50"),
    created=dt.date(2026, 10, 5),
    service_date=dt.date(2026, 10, 1),
    due_date=dt.date(2026, 12, 4),
    collectable=True,
    charges=(OFFICE_VISIT, BLOOD_TEST),
    account=AccountLink(number="1"),
    practitioner="23",
    description="Visit of October 1",
)
BOOKED = Visit(
    number="7001",
    patient=ANNA,
    state=VisitState.BOOKED,
    start=dt.datetime(2026, 12, 1, 9, 30, tzinfo=NEW_YORK),
    minutes=20,
    kind="Follow-up",
    kind_code="82",
    place="150",
    practitioner="23",
    copay=Decimal("25.00"),
)
PAID = Payment(
    number="5159",
    key="receipt-5159",
    patient=ANNA,
    state=PaymentState.POSTED,
    amount=Decimal("20"),
    taken=dt.datetime(2026, 7, 9, 11, 40, 34, tzinfo=NEW_YORK),
    shares=(Share(bill="501", amount=Decimal("20"), state=BillState.OWED),),
    account=AccountLink(number="1"),
    method="Visa",
    last4="4242",
)
TWO_BILLS = (
    Share(bill="501", amount=Decimal("15"), state=BillState.OWED),
    Share(bill="502", amount=Decimal("5.00")),
)
PERSON = Person(
    number=ANNA,
    family="Example",
    given=("Anna", "Maria"),
    birth_date=dt.date(1980, 2, 29),
    gender=Gender.FEMALE,
    phone="+1 555 0100",
    email="anna@example.org",
    address=Address(lines=("1 River Road",), city="Riverside", state="NY", postal_code="10001", country="US"),
    previous=("900",),
)


SEEN: dict[str, Any] = {
    "recorded": 1_795_446_000_123,
    "request_id": "4a8dca3c",
    "interaction": "read",
    "type": "Invoice",
    "id": "",
    "query": "",
    "status": 200,
    "caller": '["https://id.example.org","app","anna@example.org"]',
    "token": "5f1d",
    "peer": "192.0.2.7",
    "authority": "riverside",
    "number": b"1001",
}
SEARCH = "patient=riverside.1001,riverside.1002&patient.identifier=urn:x%7C1002&status=issued&date=ge2026&_count=5&x=B"


def changed(record: Any, **changes: Any) -> Any:
    """The record with some fields different."""
    return type(record)(**{name: getattr(record, name) for name in record.__struct_fields__} | changes)


def bare_bill(state: BillState, **more: Any) -> Bill:
    """A bill of which the source says nothing but its state."""
    return Bill(number="502", patient=ANNA, state=state, **more)


def accessed(**more: Any) -> Access:
    """A look at Anna's records by herself, with an app."""
    entry = Entry(**{**SEEN, **more})
    return Access(number="77", patient=ANNA, entry=entry)


BY_NAME: dict[str, tuple[Any, Scene]] = {
    "Invoice-owed": (OWED, SCENE),
    "Invoice-credit": (bare_bill(BillState.CREDIT, due=Decimal("-978.7"), service_date=dt.date(2026, 9, 1)), SCENE),
    "Invoice-pending-nothing-known": (bare_bill(BillState.PENDING), SCENE),
    "Invoice-charge-without-code": (
        bare_bill(BillState.SETTLED, due=Decimal("0.00"), charges=(Charge(amount=Decimal("5")),)),
        SCENE,
    ),
    "Invoice-at-the-clinic": (
        changed(OWED, created=dt.datetime(2026, 10, 5, 8, 0, tzinfo=NEW_YORK), charges=(), practitioner=""),
        CLINIC_SCENE,
    ),
    "Account-with-balance": (Account(number="1", patient=ANNA, name="Riverside", balance=Decimal("-3.10")), SCENE),
    "Account-inactive-balance-unknown": (Account(number="1", patient=ANNA, active=False), SCENE),
    "Appointment-can-be-prepaid": (BOOKED, SCENE),
    "Appointment-length-unknown": (changed(BOOKED, minutes=None, copay=None, kind=""), SCENE),
    "Appointment-day-only": (changed(BOOKED, start=dt.date(2026, 12, 1), practitioner="", kind_code=""), SCENE),
    "Appointment-cancelled-at-the-clinic": (changed(BOOKED, state=VisitState.CANCELLED), CLINIC_SCENE),
    "PaymentNotice-one-bill": (PAID, SCENE),
    "PaymentNotice-two-bills": (changed(PAID, shares=TWO_BILLS, taken=dt.date(2026, 7, 9)), SCENE),
    "PaymentNotice-draft-bill-hidden": (changed(PAID, shares=TWO_BILLS), CLINIC_SCENE),
    "PaymentNotice-unapplied": (changed(PAID, shares=(), last4=""), SCENE),
    "PaymentNotice-visit": (changed(PAID, shares=(), account=None, visit="7001", method=""), SCENE),
    "PaymentNotice-voided": (changed(PAID, state=PaymentState.VOIDED, account=None), SCENE),
    "PaymentNotice-mistake": (changed(PAID, state=PaymentState.MISTAKE, shares=(), account=None), SCENE),
    "Patient-anna": (PERSON, SCENE),
    "Patient-deceased-little-known": (Person(number="1002", deceased=dt.date(2026, 1, 2), active=False), SCENE),
    "Location-department": (
        Place(number="150", name="Main Street", phone="+1 555 0150", address=Address(lines=("2 Main",), city="Troy")),
        SCENE,
    ),
    "Practitioner-with-npi": (Practitioner(number="23", family="Docent", given=("Dana",), npi="1234567893"), SCENE),
    "Organization-riverside": (RIVERSIDE, SCENE),
    "AuditEvent-read": (accessed(id="riverside.1001.501"), SCENE),
    "AuditEvent-read-of-a-person": (accessed(type="Patient", id="P1", token="", peer=""), SCENE),
    "AuditEvent-read-by-an-operator": (accessed(id="a.b", caller='["","fhir-facade explain","carol"]'), SCENE),
    "AuditEvent-read-without-a-token": (accessed(id="a.b", caller="open", request_id=""), SCENE),
    "AuditEvent-search": (accessed(interaction="search-type", query=SEARCH), SCENE),
    "AuditEvent-search-for-all": (accessed(interaction="search-type"), SCENE),
}


def rendered(name: str) -> dict[str, Any]:
    """The resource of a named case."""
    record, scene = BY_NAME[name]
    return MAPPERS[name.partition("-")[0]].body(record, scene)


# A merged number has no record of its own: its resource is made from the person it was merged into.
RESOURCES: dict[str, Callable[[], dict[str, Any]]] = {
    **{name: partial(rendered, name) for name in BY_NAME},
    "Patient-replaced": lambda: patient.render_replaced("900", PERSON, SCENE),
}
