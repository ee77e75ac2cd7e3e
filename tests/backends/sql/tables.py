"""Writes records into a database the way a site has them: one table for each query, times in the site's zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import create_engine, text

from fhir_facade.backends.sql.columns import QUERIES
from fhir_facade.records import OF_KIND, Bill, Payment, Record

ZONE = ZoneInfo("America/New_York")
PARTS = ("provider_group",)
# column type by database: SQLite keeps amounts as text, for its NUMERIC would make floats of them
AMOUNT = {"sqlite": "TEXT", "postgresql": "NUMERIC"}
AMOUNTS = frozenset(column.name for columns in QUERIES.values() for column in columns if column.is_amount)
WHOLE = frozenset({"line", "minutes"})
Row = dict[str, Any]


def write(url: str, records: Iterable[Record]) -> dict[str, str]:
    """Make a table for each query at ``url`` and fill it; the ``queries`` setting that reads them."""
    rows = flattened(records)
    engine = create_engine(url)
    with engine.begin() as connection:
        for query, columns in QUERIES.items():
            names = [*(column.name for column in columns), *(f"select_{part}" for part in PARTS)]
            types = ", ".join(f"{name} {_type(name, engine.dialect.name)}" for name in names)
            connection.execute(text(f"CREATE TABLE site_{query} ({types})"))
            for row in rows[query]:
                marks = ", ".join(f":{name}" for name in row)
                statement = text(f"INSERT INTO site_{query} ({', '.join(row)}) VALUES ({marks})")  # noqa: S608
                connection.execute(statement, {name: _kept(cell, engine.dialect.name) for name, cell in row.items()})
    engine.dispose()
    return {query: f"site_{query}" for query in QUERIES}


def flattened(records: Iterable[Record]) -> Mapping[str, list[Row]]:
    """The rows of each query."""
    rows: dict[str, list[Row]] = {query: [] for query in QUERIES}
    for record in records:
        kind = next(kind for kind, type_ in OF_KIND.items() if isinstance(record, type_))
        rows[kind.value].append(_row(record))
        if isinstance(record, Bill):
            for line, charge in enumerate(record.charges, start=1):
                rows["charges"].append(_row(charge, bill=record.number, patient=record.patient, line=line))
        if isinstance(record, Payment):
            for share in record.shares:
                row = {"payment": record.key or record.number, "bill": share.bill, "amount": share.amount}
                rows["payment_shares"].append(row | {"patient": record.patient})
    return rows


def _row(record: msgspec.Struct, **more: Any) -> Row:
    row: Row = dict(more)
    for name, value in msgspec.structs.asdict(record).items():
        if name == "address" and value is not None:
            row |= {f"address_{part}": cell for part, cell in msgspec.structs.asdict(value).items()}
            row["address_lines"] = "\n".join(value.lines)
        elif name == "account" and value is not None:
            row["account"] = value.number
        elif name == "parts":
            row |= {f"select_{key}": cell for key, cell in value.items()}
        elif name not in ("address", "account", "charges", "shares"):
            row[name] = value
    return {name: _cell(value) for name, value in row.items() if value is not None}


def _cell(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.datetime):
        return value.astimezone(ZONE).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, dt.date):
        return str(value)
    return str(value).lower() if isinstance(value, bool) else value


def _kept(cell: Any, database: str) -> Any:
    return str(cell) if isinstance(cell, Decimal) and database == "sqlite" else cell


def _type(name: str, database: str) -> str:
    return AMOUNT[database] if name in AMOUNTS else "INTEGER" if name in WHOLE else "TEXT"
