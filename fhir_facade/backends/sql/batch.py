"""A payment as a CSV file: one line for each part, our id in each; and what comes back about it, likewise.

https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path

from fhir_facade.backends.sql.judging import Said
from fhir_facade.backends.sql.parameters import Values

COLUMNS = (
    "payment",
    "part",
    "patient",
    "bill",
    "visit",
    "amount",
    "total",
    "currency",
    "captured",
    "method",
    "last4",
)
SAME = ("payment", "part", "patient", "bill", "visit", "amount", "total", "currency")  # what makes it this payment
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
ACKNOWLEDGED: Mapping[str, str] = {
    "payment": "our id, as the batch has it",
    "status": "`posted`, `accepted` (taken, not shown yet) or `refused`, or a word of `statuses`",
    "part": "the part that is meant; empty, or no such column: all parts",
    "amount": "the part's amount, or the total where all parts are meant; compared where it is there",
    "number": "the billing system's own number of the payment, as `payments.number` has it",
    "reason": "for people; never read by the facade",
}


def name_of(payment: str) -> str:
    """The file's name, the same at every telling."""
    return f"{payment if _SAFE.fullmatch(payment) else sha256(payment.encode()).hexdigest()}.csv"


def written(rows: Iterable[Values]) -> bytes:
    """The file."""
    text = io.StringIO(newline="")
    file = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
    file.writeheader()
    file.writerows(rows)
    return text.getvalue().encode()


def same(content: bytes, other: bytes) -> bool:
    """Whether two files are about the same payment: what a setting may since have renamed is not compared."""
    return _essence(content) == _essence(other)


def acknowledged(folder: Path, payment: str, rows: Sequence[Values], statuses: Mapping[str, str]) -> list[list[Said]]:
    """What the files of a folder say of each part of a payment.  ``OSError`` where the folder cannot be read."""
    lines = [line for file in sorted(folder.iterdir()) if file.suffix == ".csv" for line in _lines(file, payment)]
    return [[_said(line, row, statuses) for line in lines if _means(line, row)] for row in rows]


def _essence(content: bytes) -> list[tuple[str | None, ...]]:
    return [tuple(row.get(name) for name in SAME) for row in csv.DictReader(io.StringIO(content.decode(), newline=""))]


def _lines(file: Path, payment: str) -> Iterator[dict[str, str]]:
    """The lines about a payment, each with its ``place``.  A file without our id in it is not looked into."""
    content = file.read_bytes()
    if payment.encode() not in content:
        return
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    for row in reader:
        line = {str(name).strip().lower(): str(cell or "").strip() for name, cell in row.items()}
        if line.get("payment") == payment:
            yield line | {"place": f"{file.name}, line {reader.line_num}"}


def _means(line: Mapping[str, str], row: Values) -> bool:
    return line.get("part", "") in ("", str(row["part"]))


def _said(line: Mapping[str, str], row: Values, statuses: Mapping[str, str]) -> Said:
    """A word that is none, or another amount, is no status: it contradicts whatever else is said."""
    word = line.get("status", "")
    known = statuses.get(word, "" if statuses else word)
    return Said(known if _agrees(line, row) else "", line.get("number", ""), line["place"])


def _agrees(line: Mapping[str, str], row: Values) -> bool:
    said = line.get("amount", "")
    meant = row["amount"] if line.get("part") else row["total"]
    try:
        return not said or Decimal(said) == Decimal(str(meant))
    except InvalidOperation:
        return False
