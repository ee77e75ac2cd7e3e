"""Asks a backend for records, kind by kind, the way the conformance suite needs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from fhir_facade.backends.port import Ability, BillingSystem
from fhir_facade.errors import Invalid
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind, Payment, Record

OF_A_PATIENT = (Kind.PERSONS, Kind.BILLS, Kind.ACCOUNTS, Kind.VISITS, Kind.PAYMENTS)
LOCATES: Mapping[Kind, Ability] = {
    Kind.BILLS: Ability.LOCATE_BILLS,
    Kind.ACCOUNTS: Ability.LOCATE_ACCOUNTS,
    Kind.VISITS: Ability.LOCATE_VISITS,
    Kind.PAYMENTS: Ability.LOCATE_PAYMENTS,
}


def ask(backend: BillingSystem, kind: Kind, patient: SourceKey) -> Sequence[Record]:
    """The patient's records of one kind."""
    person = backend.person
    methods: Mapping[Kind, Callable[[], Sequence[Record]]] = {
        Kind.PERSONS: lambda: [found for found in [person(patient)] if found is not None],
        Kind.BILLS: lambda: backend.bills(patient),
        Kind.ACCOUNTS: lambda: backend.accounts(patient),
        Kind.VISITS: lambda: backend.visits(patient),
        Kind.PAYMENTS: lambda: backend.payments(patient),
        Kind.PLACES: backend.places,
        Kind.PRACTITIONERS: backend.practitioners,
    }
    return methods[kind]()


def everything(backend: BillingSystem, patient: SourceKey) -> dict[Kind, Sequence[Record]]:
    """The patient's records of every kind, with the places and practitioners."""
    return {kind: ask(backend, kind, patient) for kind in Kind}


def mark(record: Record) -> str:
    """What makes a record unique among a patient's records of its kind."""
    return (record.key or record.number) if isinstance(record, Payment) else record.number


def by_mark(records: Sequence[Record]) -> dict[str, Record]:
    """Records by what makes them unique: for comparing without regard to order."""
    return {mark(record): record for record in records}


def locates(backend: BillingSystem, kind: Kind, number: str, patient: SourceKey) -> bool:
    """Whether the number finds the patient; accounts of a financial group may ask to name the patient, too."""
    try:
        return backend.locate(kind, number) == patient
    except Invalid as refusal:
        return kind is Kind.ACCOUNTS and refusal.code == "too-costly"


def plain(record: Record) -> Any:
    """The record as dictionaries, with amounts and times as they are."""
    return msgspec.to_builtins(record, builtin_types=(Decimal, dt.datetime, dt.date))


def lookalikes(number: str) -> list[str]:
    """Numbers that are not ``number``, and that a careless query, path or comparison would take for it."""
    near = [f"0{number}", f" {number}", f"{number} ", f"{number}\n", f"{number}.0", f"+{number}", number.swapcase()]
    tricks = ["", " ", "%", "_", "*", ".", "..", f"{number}%", f"{number}' OR '1'='1", f"x/../{number}"]
    paths = [f"{number}/", f"{number}?", f"{number}#", f"{number}%00", f"{number},{number}"]
    beyond = [f"{number}\0", f"{number}\ud800", f"{number}é", number * 200 + "0", number[:-1]]
    return [other for other in (*near, *tricks, *paths, *beyond) if other != number]
