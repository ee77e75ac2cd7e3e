"""Made-up patients and their bills, as records: believable in size, the same at every run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from fhir_facade.records import Account, AccountLink, Bill, BillState, Charge, Person, Place, Practitioner

_DAY = dt.date(2024, 1, 2)
_SERVICES = (
    ("99213", "Office or other outpatient visit, established patient, 20 minutes", "185.00"),
    ("93000", "Electrocardiogram, routine, with interpretation and report", "64.50"),
    ("80053", "Comprehensive metabolic panel", "48.16"),
    ("85025", "Complete blood count, automated, with differential", "31.40"),
    ("36415", "Collection of venous blood by venipuncture", "12.50"),
)
_STATES = (BillState.OWED, BillState.SETTLED, BillState.PENDING, BillState.OWED, BillState.CREDIT)
_DUE = {BillState.OWED: Decimal("42.80"), BillState.CREDIT: Decimal("-10.00"), BillState.SETTLED: Decimal("0.00")}

PLACES = (Place(number="1", name="Main Street", phone="555-0100"),)
PRACTITIONERS = (Practitioner(number="7", family="Quill", given=("Dana",), npi="1234567893"),)


def charges(lines: int) -> tuple[Charge, ...]:
    """The lines of a bill, at most five."""
    return tuple(
        Charge(amount=Decimal(amount), code=code, description=text, date=_DAY)
        for code, text, amount in _SERVICES[:lines]
    )


def bill(patient: str, number: int, lines: int) -> Bill:
    """One bill; its day and its state go by its number."""
    lined = charges(lines)
    state = _STATES[number % len(_STATES)]
    day = _DAY + dt.timedelta(days=number % 700)
    return Bill(
        number=str(number),
        parts={"provider_group": "1"},
        patient=patient,
        state=state,
        billed=sum((charge.amount for charge in lined), Decimal(0)),
        due=_DUE.get(state),
        insurance_paid=Decimal("120.00"),
        adjusted=Decimal("33.16"),
        created=day,
        service_date=day,
        due_date=day + dt.timedelta(days=30),
        collectable=state is BillState.OWED,
        charges=lined,
        account=AccountLink(number="1", parts={"provider_group": "1"}),
        place="1",
        practitioner="7",
        description="Visit",
    )


def bills(patient: str, count: int) -> Sequence[Bill]:
    """A patient's bills, of one to five lines, three in the middle."""
    first = int(patient) * 10_000
    return [bill(patient, first + serial, 1 + serial % 5) for serial in range(count)]


def holdings(patients: Iterable[tuple[str, int]]) -> dict[str, object]:
    """What the memory backend's file holds for patients with so many bills each."""
    held = list(patients)
    persons = [
        Person(number=number, family=f"Sample{number}", given=("Ann",), birth_date=dt.date(1980, 5, 20))
        for number, _ in held
    ]
    accounts = [
        Account(number="1", parts={"provider_group": "1"}, patient=number, name="Main", balance=Decimal("85.60"))
        for number, _ in held
    ]
    return {
        "persons": persons,
        "bills": [each for number, count in held for each in bills(number, count)],
        "accounts": accounts,
        "places": PLACES,
        "practitioners": PRACTITIONERS,
    }
