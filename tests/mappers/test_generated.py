"""Whatever a billing system says, what is rendered passes every judge and keeps R4's invariants and its amounts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import fhirpathpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_facade import wire
from fhir_facade.keys import PatientKey
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
from fhir_facade.settings.model import Bills
from tests.conftest import Hl7, Judge
from tests.mappers.cases import RIVERSIDE, SCENE

ZONES = [
    ZoneInfo(name) for name in ("America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "America/St_Johns", "UTC")
]
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)  # lone surrogates and controls, too
NUMBER = st.text("ABCxyz0123456789-/", min_size=1, max_size=12)
AMOUNT = st.decimals(-(10**12), 10**12, places=2) | st.decimals(allow_nan=False, allow_infinity=False)
DAY = st.dates(dt.date(1900, 1, 1), dt.date(2999, 12, 31))
INSTANT = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2999, 12, 31), timezones=st.sampled_from(ZONES))  # noqa: DTZ001
CURRENCY = st.sampled_from(["", "USD", "EUR"])
ADDRESS = st.builds(Address, lines=st.lists(TEXT, max_size=2).map(tuple), city=TEXT, state=TEXT, postal_code=TEXT)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
CHARGE = st.builds(Charge, amount=AMOUNT, code=TEXT, modifiers=NAMES, description=TEXT, date=st.none())
LINK = st.builds(AccountLink, number=NUMBER, parts=st.just({}))
SHARE = st.builds(Share, bill=NUMBER, amount=AMOUNT, parts=st.just({}), state=st.none() | st.sampled_from(BillState))
COMMON: dict[str, Any] = {"number": NUMBER, "parts": st.just({}), "updated": st.none()}
OWNED = COMMON | {"patient": NUMBER, "currency": CURRENCY}

RECORDS: dict[str, st.SearchStrategy[Any]] = {
    "Invoice": st.builds(
        Bill,
        **OWNED,
        state=st.sampled_from(BillState),
        collectable=st.booleans(),
        **{
            name: st.none() | AMOUNT
            for name in ("billed", "due", "insurance_paid", "insurance_pending", "adjusted", "patient_paid")
        },
        created=st.none() | DAY | INSTANT,
        service_date=st.none() | DAY,
        due_date=st.none() | DAY,
        charges=st.lists(CHARGE, max_size=3).map(tuple),
        account=st.none() | LINK,
        place=st.just(""),
        practitioner=st.just("") | NUMBER,
        description=TEXT,
    ),
    "Account": st.builds(Account, **OWNED, name=TEXT, balance=st.none() | AMOUNT, active=st.booleans()),
    "Appointment": st.builds(
        Visit,
        **OWNED,
        state=st.sampled_from(VisitState),
        chargeable=st.booleans(),
        start=DAY | INSTANT,
        minutes=st.none() | st.integers(-10, 1000),
        kind=TEXT,
        kind_code=TEXT,
        place=st.just("") | NUMBER,
        practitioner=st.just("") | NUMBER,
        copay=st.none() | AMOUNT,
    ),
    "PaymentNotice": st.builds(
        Payment,
        **OWNED,
        state=st.sampled_from(PaymentState),
        amount=AMOUNT,
        taken=DAY | INSTANT,
        key=st.just("") | NUMBER,
        shares=st.lists(SHARE, max_size=3).map(tuple),
        account=st.none() | LINK,
        visit=st.just("") | NUMBER,
        method=TEXT,
        last4=TEXT,
    ),
    "Patient": st.builds(
        Person,
        **COMMON,
        family=TEXT,
        given=NAMES,
        birth_date=st.none() | DAY,
        gender=st.none() | st.sampled_from(Gender),
        deceased=st.none() | st.booleans() | DAY | INSTANT,
        phone=TEXT,
        email=TEXT,
        address=st.none() | ADDRESS,
        previous=st.just(()),
    ),
    "Location": st.builds(Place, **COMMON, name=TEXT, phone=TEXT, address=st.none() | ADDRESS),
    "Practitioner": st.builds(Practitioner, **COMMON, name=TEXT, family=TEXT, given=NAMES, npi=TEXT),
}
SCENES = st.builds(
    lambda pay, pending, prepay: replace(
        SCENE,
        ids=HashedIds(),
        authority=replace(RIVERSIDE, bills=Bills(view=True, pay=pay, pending=pending), prepay=prepay),
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class HashedIds:
    """Ids that are valid whatever the numbers are."""

    def patient(self, patient: PatientKey) -> str:
        return sha256(repr(patient).encode()).hexdigest()

    def record(self, type: str, patient: PatientKey, own: str) -> str:
        return sha256(repr((type, patient, own)).encode()).hexdigest()

    def support(self, type: str, authority: str, number: str) -> str:
        return sha256(repr((type, authority, number)).encode()).hexdigest()


def amounts(node: Any) -> Iterator[str]:
    """Every amount of money, with its digits."""
    if isinstance(node, dict):
        if "currency" in node:
            yield str(node["value"])
        for inner in node.values():
            yield from amounts(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from amounts(inner)


@pytest.fixture(scope="session")
def invariants(hl7: Hl7) -> Callable[[dict[str, Any]], list[str]]:
    """Checks R4's own error-level constraints of the whole resource; the answer is the keys of those broken."""
    rules: dict[str, list[tuple[str, Any]]] = {}

    def of(type: str) -> list[tuple[str, Any]]:
        elements = hl7.read(f"package/StructureDefinition-{type}.json")["snapshot"]["element"]
        return [
            (f"{rule['key']} {element['path']}", fhirpathpy.compile(on(element["path"], rule["expression"])))
            for element in elements
            for rule in element.get("constraint", ())
            if rule["severity"] == "error"
            and rule["key"] not in ("dom-3", "dom-4", "ele-1", "ext-1", "ref-1", "txt-1", "txt-2")
        ]

    def broken(body: dict[str, Any]) -> list[str]:
        type = body["resourceType"]
        if type not in rules:
            rules[type] = of(type)
        plain = json.loads(wire.encode(body))
        return [key for key, rule in rules[type] if rule(plain) not in ([True], [])]

    return broken


def on(path: str, expression: str) -> str:
    """The constraint of an element, asked of the whole resource."""
    return f"({expression})" if "." not in path else f"{path}.all({expression})"


@pytest.mark.parametrize("type", RECORDS)
def test_every_record_renders_to_what_every_judge_accepts(
    type: str, official: Judge, models: Judge, invariants: Callable[[dict[str, Any]], list[str]]
) -> None:
    @FEW
    @given(RECORDS[type], SCENES)
    def holds(record: Any, scene: Any) -> None:
        body = MAPPERS[type].body(record, scene)
        sent = wire.decode(wire.encode(body))
        official(sent)
        models(sent)
        assert invariants(sent) == []
        assert list(amounts(sent)) == [str(wire.decode(wire.encode(Decimal(a)))) for a in amounts(body)]

    holds()


def test_the_invariants_are_asked_and_bite(invariants: Callable[[dict[str, Any]], list[str]]) -> None:
    """app-1 to app-4 of https://hl7.org/fhir/R4/appointment.html each notice their fault."""
    good: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": "1",
        "status": "booked",
        "start": "2026-12-01T09:30:00Z",
        "end": "2026-12-01T09:50:00Z",
        "participant": [{"actor": {"reference": "Patient/1"}, "status": "accepted"}],
    }
    assert invariants(good) == []
    no_end = {key: value for key, value in good.items() if key != "end"}
    faults: dict[str, dict[str, Any]] = {
        "app-1": good | {"participant": [{"status": "accepted"}]},
        "app-2": no_end | {"status": "cancelled"},
        "app-3": {key: value for key, value in no_end.items() if key != "start"},
        "app-4": good | {"cancelationReason": {"text": "ill"}},
    }
    for key, body in faults.items():
        assert [rule.partition(" ")[0] for rule in invariants(body)] == [key]
