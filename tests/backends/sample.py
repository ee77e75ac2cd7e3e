"""A small billing system for the backends' tests: Anna, whose old number 1000 was merged, and Boris, a stranger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal

import msgspec

from fhir_facade.keys import SourceKey
from fhir_facade.records import Address, Charge, Kind, Person, Record
from tests.people import PRACTICE

NAME = "practice"
ANNA = SourceKey(NAME, "1001")
BORIS = SourceKey(NAME, "1002")
ANNA_BEFORE = SourceKey(NAME, "1000")
ADDRESS = Address(lines=("1 Main Street", "Flat 2"), city="Springfield", state="MA", postal_code="01101")


def _changed(record: Record) -> Record:
    if isinstance(record, Person) and record.number == ANNA.value:
        return msgspec.structs.replace(record, previous=("999", ANNA_BEFORE.value), address=ADDRESS, deceased=False)
    if record.number == "9302":
        charges = tuple(Charge(amount=Decimal(amount), date=dt.date(2026, 1, 2)) for amount in ("0.10", "0.20", ".16"))
        return msgspec.structs.replace(record, charges=charges, place="1", currency="USD")
    return record


RECORDS: tuple[Record, ...] = tuple(_changed(record) for record in PRACTICE)
EXPECTED: Mapping[Kind, Collection[str]] = {
    Kind.PERSONS: {"1001"},
    Kind.BILLS: {"9301", "9302", "9303", "9304", "9401"},
    Kind.ACCOUNTS: {"1", "2"},
    Kind.VISITS: {"5001", "5002"},
    Kind.PAYMENTS: {"e3800"},
}
