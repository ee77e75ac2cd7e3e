"""The CSV files of people and of their proxies, with every fault by its line.  No fault repeats a value of a person."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from fhir_facade.keys import PatientKey
from fhir_facade.state.crosswalk import SUBJECT, Known, Proxy

T = TypeVar("T")
Row = Mapping[str, str]
Cells = Mapping[str, str]  # csv puts what is beyond the columns under None

_YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_FORMS = {"expires": "a date such as 2027-06-30", "birth_date": "a date such as 2015-06-30", "until_age": "a number"}
_MOST_FAULTS = 20


class Faulty(Exception):
    """A file that is not taken; ``faults`` are sentences that begin with file and line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"{len(faults)} faults")
        more = [f"… and {len(faults) - _MOST_FAULTS} more"] if len(faults) > _MOST_FAULTS else []
        self.faults = faults[:_MOST_FAULTS] + more


def people_in(file: Path, authorities: Collection[str]) -> list[Known]:
    """The people of a file with the columns person, authority and number."""
    owners: dict[PatientKey, str] = {}

    def read(row: Row) -> Known:
        person, authority, number = (_needed(row, name) for name in ("person", "authority", "number"))
        if authority not in authorities:
            raise ValueError(f"authority is none of the settings': {', '.join(sorted(authorities))}")
        if person.startswith(SUBJECT):
            raise ValueError(f"person begins with {SUBJECT}, which stands for the subject of a token")
        key = PatientKey(authority, number)
        if owners.setdefault(key, person) != person:
            raise ValueError("this authority and number are another person's already")
        return Known(person, key)

    return list(dict.fromkeys(_read(file, ("person", "authority", "number"), read)))


def proxies_in(file: Path, persons: Collection[str] | None) -> list[Proxy]:
    """The proxies of a file with the columns proxy, person, billing, and if need be expires, until_age, birth_date.

    ``persons`` None: who is a person, an index knows.
    """
    seen: set[tuple[str, str]] = set()

    def read(row: Row) -> Proxy:
        proxy, person, billing = (_needed(row, name) for name in ("proxy", "person", "billing"))
        if persons is not None and person not in persons:
            raise ValueError("person is not among the people")
        if (proxy, person) in seen:
            raise ValueError("this proxy of this person stood in the file before")
        seen.add((proxy, person))
        if billing.lower() not in _YES_OR_NO:
            raise ValueError("billing must be true or false")
        until_age, birth_date = _optional(row, "until_age", int), _optional(row, "birth_date", dt.date.fromisoformat)
        if until_age is not None and birth_date is None:
            raise ValueError("until_age needs a birth_date")
        expires = _optional(row, "expires", dt.date.fromisoformat)
        return Proxy(proxy, person, _YES_OR_NO[billing.lower()], expires, until_age, birth_date)

    return list(_read(file, ("proxy", "person", "billing"), read, optional=tuple(_FORMS)))


def _read(
    file: Path, columns: Iterable[str], read: Callable[[Row], T], optional: Collection[str] | None = None
) -> list[T]:
    """``optional`` None: other columns may stand in the file, and are not read."""
    found, faults = [], []
    for line, row in _rows(file, columns, optional):
        try:
            found.append(read(_cells(row)))
        except ValueError as fault:
            faults.append(f"{file.name}:{line}: {fault}")
    if faults or not found:
        raise Faulty(faults or [f"{file.name}: nobody is in it"])
    return found


def _rows(file: Path, columns: Iterable[str], optional: Collection[str] | None) -> Iterator[tuple[int, Cells]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restval="", strict=True)
            faults = [*_faults_of_names(reader.fieldnames or (), tuple(columns), optional)]
            if faults:
                raise Faulty([f"{file.name}:1: {fault}" for fault in faults])
            for row in reader:
                yield reader.line_num, row
    except (UnicodeDecodeError, csv.Error) as unreadable:
        raise Faulty([f"{file.name}: cannot be read as CSV in UTF-8 ({type(unreadable).__name__})"]) from None


def _faults_of_names(named: Sequence[str], columns: Sequence[str], optional: Collection[str] | None) -> Iterator[str]:
    """A limit of a right under a name that is not known, or in a cell without one, would be no limit."""
    yield from (f"the first line must name the column {name}" for name in columns if name not in named)
    if any(named.count(name) > 1 for name in named if name):
        yield "the first line names a column twice"
    if optional is not None and not {*named} <= {*columns, *optional}:
        yield f"the first line names a column besides {', '.join((*columns, *optional))}"


def _cells(row: Cells) -> Row:
    if None in row:
        raise ValueError("there are more cells than the first line names columns; quote a value with a comma in it")
    return {name: (value or "").strip() for name, value in row.items()}


def _needed(row: Row, name: str) -> str:
    if not row[name]:
        raise ValueError(f"{name} is empty")
    return row[name]


def _optional(row: Row, name: str, read: Callable[[str], T]) -> T | None:
    said = row.get(name, "")
    if not said:
        return None
    try:
        return read(said)
    except ValueError:
        raise ValueError(f"{name} must be {_FORMS[name]}") from None
