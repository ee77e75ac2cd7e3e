"""The people and the bills that everybody's tests use.

ANNA is known to two authorities of one practice by one number.  NOT_ANNA has Anna's number at the clinic, and is
somebody else.  Amounts have digits that a float would lose or drop.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from fhir_facade.keys import PatientKey
from fhir_facade.records import (
    Account,
    AccountLink,
    Bill,
    BillState,
    Charge,
    Gender,
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

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
EASTERN = ZoneInfo("America/New_York")

ANNA = PatientKey("riverside", "1001")
ANNA_AT_LAKESIDE = PatientKey("lakeside", "1001")
NOT_ANNA = PatientKey("clinic", "1001")
BORIS = PatientKey("riverside", "1002")

RIVERSIDE = {"provider_group": "1"}
LAKESIDE = {"provider_group": "2"}


def _bill(number: str, patient: str, state: BillState, due: str, parts: dict[str, str], **more: object) -> Bill:
    group = parts.get("provider_group", "1")
    fields: dict[str, object] = {
        "billed": Decimal("100000000000000.01"),
        "created": dt.date(2026, 1, int(number[-2:]) % 28 + 1),
        "service_date": dt.date(2025, 12, 31),
        "charges": (
            Charge(amount=Decimal("12.50"), code="99213", description="Office visit", date=dt.date(2025, 12, 31)),
        ),
        "account": AccountLink(number=group, parts=parts),
        "practitioner": "86",
    }
    return Bill(number=number, patient=patient, state=state, due=Decimal(due), parts=parts, **(fields | more))  # type: ignore[arg-type]


PRACTICE: tuple[Record, ...] = (
    Person(number="1001", family="Example", given=("Anna",), birth_date=dt.date(1980, 5, 20), gender=Gender.FEMALE),
    Person(number="1002", family="Sample", given=("Boris",), birth_date=dt.date(1975, 1, 2), gender=Gender.MALE),
    Person(number="1009", family="Merged", given=("Marta",), birth_date=dt.date(1990, 3, 4), previous=("1008",)),
    _bill("9301", "1001", BillState.OWED, "85.50", RIVERSIDE, collectable=True),
    _bill("9302", "1001", BillState.SETTLED, "0", RIVERSIDE),
    _bill("9303", "1001", BillState.PENDING, "0", RIVERSIDE),
    _bill("9304", "1001", BillState.CREDIT, "-978.70", RIVERSIDE),
    _bill("9401", "1001", BillState.OWED, "0.10", LAKESIDE, practitioner=""),
    _bill("9311", "1002", BillState.OWED, "777.67", RIVERSIDE),
    _bill("9321", "1009", BillState.OWED, "5.00", RIVERSIDE),
    Account(number="1", patient="1001", name="Riverside", balance=Decimal("85.50"), parts=RIVERSIDE),
    Account(number="2", patient="1001", name="Lakeside", balance=Decimal("0.10"), parts=LAKESIDE),
    Account(number="1", patient="1002", name="Riverside", balance=Decimal("777.67"), parts=RIVERSIDE),
    Visit(
        number="5001",
        patient="1001",
        state=VisitState.BOOKED,
        start=dt.datetime(2026, 12, 1, 9, 30, tzinfo=EASTERN),
        minutes=30,
        kind="Established Patient",
        place="1",
        practitioner="86",
        copay=Decimal("20"),
        parts=RIVERSIDE,
    ),
    Visit(
        number="5002",
        patient="1001",
        state=VisitState.CANCELLED,
        start=dt.datetime(2026, 10, 1, 9, 30, tzinfo=EASTERN),
        minutes=15,
        place="1",
        parts=RIVERSIDE,
    ),
    Payment(
        number="3800",
        key="e3800",
        patient="1001",
        state=PaymentState.POSTED,
        amount=Decimal("9.01"),
        taken=dt.datetime(2026, 7, 9, 11, 40, 34, tzinfo=EASTERN),
        shares=(
            Share(bill="9301", amount=Decimal("5"), parts=RIVERSIDE, state=BillState.OWED),
            Share(bill="9401", amount=Decimal("4.01"), parts=LAKESIDE, state=BillState.OWED),
        ),
        method="Visa",
        last4="1111",
    ),
    Place(number="1", name="Riverside Main"),
    Practitioner(number="86", family="Provider", given=("Pat",)),
)

CLINIC: tuple[Record, ...] = (
    Person(number="1001", family="Different", given=("Nora",), birth_date=dt.date(1944, 4, 4), gender=Gender.FEMALE),
    _bill("7701", "1001", BillState.OWED, "31.16", {}),
    Account(number="1", patient="1001", name="Clinic", balance=Decimal("31.16")),
)
