"""Makes the clinic's database file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from fhir_facade.clock import utcnow
from fhir_facade.sandbox.calendar import Calendar
from fhir_facade.sandbox.clinic.rows import (
    DOCTORS,
    PAYMENT_INVOICES,
    SITES,
    Row,
    appointments,
    invoices,
    lines,
    patients,
    payments,
)
from fhir_facade.sandbox.clinic.tables import TABLES


def create_clinic(path: Path, now: Callable[[], datetime] = utcnow) -> None:
    """Make the database at ``path``, in place of one that is there; its dates are relative to now."""
    path.unlink(missing_ok=True)
    calendar = Calendar(now())
    contents: dict[str, Iterable[Row]] = {
        "sites": SITES,
        "doctors": DOCTORS,
        "patients": patients(calendar),
        "invoices": invoices(calendar),
        "invoice_lines": lines(calendar),
        "appointments": appointments(calendar),
        "payments": payments(calendar),
        "payment_invoices": PAYMENT_INVOICES,
    }
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")  # a sample need not survive a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(TABLES)
        for table, records in contents.items():
            for record in records:
                _insert(connection, table, record)


def _insert(connection: sqlite3.Connection, table: str, record: Row) -> None:
    names, marks = ", ".join(record), ", ".join(f":{name}" for name in record)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", record)  # noqa: S608  our own names
