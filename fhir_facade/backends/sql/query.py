"""One query of a site as the database was found to answer it: its columns, and how a number is matched in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, String, Text, Uuid, cast, column, false, or_
from sqlalchemy import select as sql_select
from sqlalchemy import text as sql_text
from sqlalchemy.types import NullType, TypeEngine

from fhir_facade.backends.sql.cells import EXACT
from fhir_facade.backends.sql.columns import QUERIES, SELECT, Column
from fhir_facade.backends.sql.natures import Nature, natures
from fhir_facade.errors import UnexpectedShape

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
_LONG = range(-(2**63), 2**63)
TYPES: Mapping[Nature, TypeEngine[Any]] = {
    Nature.TEXT: String(),
    Nature.INTEGER: BigInteger(),
    Nature.UUID: Uuid(as_uuid=False),
}


@dataclass(frozen=True)
class Query:
    """A query whose columns are known: ``known`` by name, ``parts`` (the ``select_`` columns) by select key."""

    name: str
    known: Mapping[str, tuple[Column, ColumnElement[Any]]]
    parts: Mapping[str, ColumnElement[Any]]
    natures: Mapping[str, Nature]
    ignored: Sequence[str]

    def select(self, names: Collection[str]) -> Select[Any]:
        """``SELECT q.number, q.patient, … FROM (…) AS q``: the named columns, then the parts."""
        return sql_select(*(self.known[name][1] for name in names), *self.parts.values())

    def matching(self, name: str, values: Collection[str]) -> ColumnElement[bool]:
        """Where the column is one of ``values``, written as the column's type would write them.

        The database is not left to convert: it could find 0123 for 123, or refuse a word where it keeps numbers.
        """
        found, nature = self.known[name][1], self.natures[name]
        wholes = [int(value) for value in values if _WHOLE.fullmatch(value) and int(value) in _LONG]
        texts = [value for value in values if _can_be_kept(value)]
        conditions: list[ColumnElement[bool]] = []
        if wholes and nature in (Nature.INTEGER, Nature.UNKNOWN):
            conditions.append(found.in_(wholes))
        if texts and nature in (Nature.TEXT, Nature.UNKNOWN):
            conditions.append(found.in_(texts))
        if nature is Nature.UUID and (uuids := [value for value in texts if _is_uuid(value)]):
            conditions.append(found.in_(uuids))
        return or_(false(), *conditions)

    def containing(self, name: str, value: str) -> ColumnElement[bool]:
        """Where the column's text has ``value`` somewhere."""
        if not _can_be_kept(value):
            return false()
        return cast(self.known[name][1], Text).contains(value, autoescape=True)


def look(connection: Connection, name: str, statement: str) -> Query:
    """Ask the database for the query's columns.  Raises ``UnexpectedShape`` for one that is missing or inexact."""
    source = sql_text(statement)
    found = natures(connection, statement, source.columns().subquery("q"))
    held = {actual.lower(): nature for actual, nature in found.items()}
    known = [wanted for wanted in QUERIES[name] if wanted.name in held]
    _refuse_missing(name, held)
    _refuse_inexact(name, known, held)
    columns = {actual.lower(): column(actual, TYPES.get(nature, NullType())) for actual, nature in found.items()}
    used = {wanted.name for wanted in known} | {lower for lower in held if lower.startswith(SELECT)}
    wrapped = source.columns(*(columns[lower] for lower in columns if lower in used)).subquery("q")
    cells = {actual.name.lower(): actual for actual in wrapped.c}
    return Query(
        name=name,
        known={wanted.name: (wanted, cells[wanted.name]) for wanted in known},
        parts={lower.removeprefix(SELECT): cells[lower] for lower in cells if lower.startswith(SELECT)},
        natures=held,
        ignored=[actual for actual in found if actual.lower() not in used],
    )


def _refuse_missing(name: str, held: Mapping[str, Nature]) -> None:
    for wanted in QUERIES[name]:
        if wanted.required and wanted.name not in held:
            expected = f'a column "{wanted.name}" ({wanted.purpose}); the columns found are {", ".join(held)}'
            raise UnexpectedShape(f"{name}.{wanted.name}", expected)


def _refuse_inexact(name: str, known: Sequence[Column], held: Mapping[str, Nature]) -> None:
    for wanted in known:
        if wanted.is_amount and held[wanted.name] in (Nature.FLOAT, Nature.MONEY):
            raise UnexpectedShape(f"{name}.{wanted.name}", EXACT)
        if wanted.is_number and held[wanted.name] not in (Nature.TEXT, Nature.INTEGER, Nature.UUID, Nature.UNKNOWN):
            raise UnexpectedShape(f"{name}.{wanted.name}", f"text or a whole number, not {held[wanted.name].value}")


def _can_be_kept(value: str) -> bool:
    """Whether a database could hold the text: NUL and lone surrogates are no characters, and nobody's number."""
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
