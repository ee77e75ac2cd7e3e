"""Rows become records: what the queries keep apart is put together here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from fhir_facade.backends.sql.reading import Cells, Reading
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import (
    Account,
    AccountLink,
    Address,
    Bill,
    Charge,
    Kind,
    Payment,
    Person,
    Place,
    Practitioner,
    Record,
    Share,
    Visit,
)

R = TypeVar("R", bound=Record)
Owned = tuple[str, str]  # a patient's number, and the number of something of theirs
ADDRESS = "address_"


def person(reading: Reading, number: str) -> Person | None:
    """The patient with this number, or whom it was merged into."""
    rows = reading.where("persons", "number", [number]) or reading.containing("persons", "previous", number)
    if len(rows) > 1:
        raise UnexpectedShape("persons.number", "one person for each number")
    return _record(Person, rows[0]) if rows else None


def bills(reading: Reading, rows: Sequence[Cells]) -> list[Bill]:
    """Bills with their charges and the accounts they belong to."""
    links, charges = _links(reading, rows), _children(reading, "bills", "number", rows, "charges", "bill")
    return [
        _record(
            Bill,
            row,
            account=links.get((row["patient"], row.get("account", ""))),
            charges=tuple(map(_charge, sorted(charges.get((row["patient"], row["number"]), ()), key=_order))),
        )
        for row in rows
    ]


def payments(reading: Reading, rows: Sequence[Cells]) -> list[Payment]:
    """Payments with their shares, and the accounts they belong to."""
    key = "key" if reading.has("payments", "key") else "number"
    links, parts = _links(reading, rows), _children(reading, "payments", key, rows, "payment_shares", "payment")
    numbers = {share["bill"] for shares in parts.values() for share in shares}
    paid = reading.where("bills", "number", numbers, only=("number", "patient", "state"))
    bill_of = {("", row["number"]): row for row in paid} | {(row["patient"], row["number"]): row for row in paid}

    def share(patient: str, row: Cells) -> Share:
        bill = bill_of.get((patient, row["bill"])) or bill_of.get(("", row["bill"])) or {}
        return Share(bill=row["bill"], amount=row["amount"], parts=bill.get("parts", {}), state=bill.get("state"))

    return [
        _record(
            Payment,
            row,
            account=links.get((row["patient"], row.get("account", ""))),
            shares=tuple(
                share(row["patient"], part)
                for part in sorted(parts.get((row["patient"], row.get(key, "")), ()), key=lambda part: part["bill"])
            ),
        )
        for row in rows
    ]


def _simple(type_: type[R]) -> Callable[[Reading, Sequence[Cells]], list[R]]:
    return lambda reading, rows: [_record(type_, row) for row in rows]


ASSEMBLY: Mapping[Kind, Callable[[Reading, Sequence[Cells]], Sequence[Record]]] = {
    Kind.PERSONS: _simple(Person),
    Kind.BILLS: bills,
    Kind.ACCOUNTS: _simple(Account),
    Kind.VISITS: _simple(Visit),
    Kind.PAYMENTS: payments,
    Kind.PLACES: _simple(Place),
    Kind.PRACTITIONERS: _simple(Practitioner),
}


def records(reading: Reading, kind: Kind, rows: Sequence[Cells]) -> Sequence[Record]:
    """The records of ``kind``.  Raises ``UnexpectedShape`` when two rows of a patient have the same number."""
    seen: set[Owned] = set()
    for row in rows:
        mark = (row.get("patient", ""), row.get("key") or row["number"])
        if mark in seen:
            raise UnexpectedShape(f"{kind.value}.number", "a number of its own for each row")
        seen.add(mark)
    return ASSEMBLY[kind](reading, rows)


def _record(type_: type[R], row: Cells, **nested: Any) -> R:
    fields = {name: cell for name, cell in row.items() if name != "account" and not name.startswith(ADDRESS)}
    lines = {name.removeprefix(ADDRESS): cell for name, cell in row.items() if name.startswith(ADDRESS)}
    if any(lines.values()):
        fields["address"] = Address(**lines)
    return type_(**fields, **nested)


def _charge(row: Cells) -> Charge:
    return Charge(**{name: cell for name, cell in row.items() if name not in ("bill", "patient", "line", "parts")})


def _order(row: Cells) -> tuple[Any, ...]:
    """The source's order, else one that is the same at every reading: a bill's content has a hash."""
    rest = (row.get("date", dt.date.min), row.get("code", ""), row["amount"], row.get("description", ""))
    return (row.get("line", float("inf")), *rest, row.get("modifiers", ()))


def _links(reading: Reading, rows: Iterable[Cells]) -> dict[Owned, AccountLink]:
    """The patients' own accounts.  Somebody else's, such as a guarantor's, is no link: it would show who pays."""
    patients = {row["patient"] for row in rows if "account" in row}
    accounts = reading.where("accounts", "patient", patients, only=("number", "patient"))
    return {(row["patient"], row["number"]): AccountLink(number=row["number"], parts=row["parts"]) for row in accounts}


def _children(
    reading: Reading, parent: str, key: str, rows: Sequence[Cells], child: str, link: str
) -> dict[Owned, list[Cells]]:
    """The rows of ``child`` by owner and number; a number that two patients share must not carry them across."""
    keys = {row[key] for row in rows if key in row}
    found = reading.where(child, link, keys)
    named = reading.has(child, "patient")
    owners = {} if named or not found else owners_of(reading, parent, key, keys, child)
    children: dict[Owned, list[Cells]] = {}
    for row in found:
        patient = row.get("patient", "") if named else owners.get(row[link], "")
        children.setdefault((patient, row[link]), []).append(row)
    return children


def owners_of(reading: Reading, parent: str, key: str, keys: Iterable[str], child: str) -> dict[str, str]:
    """Whose each of the numbers is.  Raises ``UnexpectedShape`` for one of two patients'."""
    owners: dict[str, str] = {}
    for row in reading.where(parent, key, keys, only=(key, "patient")):
        if owners.setdefault(row[key], row["patient"]) != row["patient"]:
            raise UnexpectedShape(f"{parent}.{key}", f"one patient for each number, or a column patient in {child}")
    return owners
