"""What a site's ``found`` query says of a payment: the parts that its database has, compared with those told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from fhir_facade.backends.parts import parts
from fhir_facade.backends.posting import Posting, Told, Verdict
from fhir_facade.backends.sql import cells
from fhir_facade.backends.sql.cells import Site, Surprise
from fhir_facade.backends.sql.judging import POSTED, Said, verdict
from fhir_facade.errors import UnexpectedShape

NAME = "posting.found"
REQUIRED = ("bill", "visit", "amount")
COLUMNS: Mapping[str, str] = {
    "bill": "the bill that the part pays; NULL where it pays none",
    "visit": "the appointment that it pays; NULL where it pays none",
    "amount": "how much",
    "patient": "whose payment it is; compared where the column is there",
    "number": "the billing system's own number of the payment, as `payments.number` has it, where it has one by now",
    "status": "`posted`, `accepted` (taken, not shown yet) or `refused`; NULL, or no such column, is `posted`",
}


class Row(NamedTuple):
    """One part as the database has it."""

    bill: str
    visit: str
    amount: Decimal
    patient: str | None
    said: Said


def look(connection: Connection, query: str, payment: str, patient: str, site: Site) -> list[Row]:
    """The rows of a payment.  ``UnexpectedShape`` where the query's columns are not what they should be."""
    given = {"payment": payment, "patient": patient}
    result = connection.execute(text(query), given)
    names = [name.lower() for name in result.keys()]  # noqa: SIM118  not a mapping
    for name in REQUIRED:
        if name not in names:
            raise UnexpectedShape(f"{NAME}.{name}", f'a column "{name}" ({COLUMNS[name]})')
    return [_row(dict(zip(names, row, strict=True)), site) for row in result.all()]


def shown(connection: Connection, posting: Posting, site: Site) -> Told:
    """Posted only if the rows are the payment's parts, to the cent, each once."""
    rows = look(connection, posting.settings["found"], posting.payment, posting.patient.value, site)
    if not rows:
        return Told(Verdict.ABSENT)
    there = Counter((row.bill, row.visit, row.amount) for row in rows)
    told = Counter((part.bill, part.visit, part.amount) for part in parts(posting))
    if there != told or any(row.patient not in (None, posting.patient.value) for row in rows):
        return Told(Verdict.UNDECIDED)
    return verdict([[row.said] for row in rows])


def _row(row: Mapping[str, Any], site: Site) -> Row:
    def cell(name: str, read: Callable[[Any, Site], Any]) -> Any:
        try:
            return None if row.get(name) is None else read(row[name], site)
        except Surprise as surprise:
            raise UnexpectedShape(f"{NAME}.{name}", str(surprise)) from None

    amount = cell("amount", cells.amount)
    if amount is None:
        raise UnexpectedShape(f"{NAME}.amount", "an amount in each row")
    said = Said(cell("status", cells.text) or POSTED, cell("number", cells.text) or "")
    return Row(
        cell("bill", cells.text) or "", cell("visit", cells.text) or "", amount, cell("patient", cells.text), said
    )
