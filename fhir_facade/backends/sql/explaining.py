"""What the columns of a record's rows say, for ``fhir-facade explain``: a column has the name of the field it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fhir_facade.backends.port import Ground
from fhir_facade.backends.sql.assembly import ADDRESS
from fhir_facade.backends.sql.columns import SELECT
from fhir_facade.backends.sql.reading import Reading
from fhir_facade.backends.verbatim import verbatim
from fhir_facade.records import Kind

# The query of a record's parts, the column that names the record, and the field that the parts make.
PARTS: Mapping[Kind, tuple[str, str, str]] = {
    Kind.BILLS: ("charges", "bill", "charges"),
    Kind.PAYMENTS: ("payment_shares", "payment", "shares"),
}
JOINS = frozenset({"bill", "payment", "patient", "line"})  # of charges and shares: what joins and orders them


def grounds(reading: Reading, kind: Kind, patient: str, own: str) -> Iterator[Ground]:
    """Every column of the record's row, then those of its charges or shares.  ``own`` is a payment's key."""
    by, value = ("patient", patient) if reading.has(kind.value, "patient") else ("number", own)
    for cells, raw in reading.verbatim(kind.value, by, {value}):
        if own == (cells.get("key") or cells["number"]):
            for column, cell in raw.items():
                yield Ground(_field(column), f"{kind.value}.{column}", verbatim(cell))
            yield from _parts(reading, kind, patient, own)


def _parts(reading: Reading, kind: Kind, patient: str, own: str) -> Iterator[Ground]:
    if kind not in PARTS:
        return
    name, by, field = PARTS[kind]
    rows = [raw for cells, raw in reading.verbatim(name, by, {own}) if cells.get("patient", patient) == patient]
    for index, raw in enumerate(rows):
        for column, cell in raw.items():
            if column not in JOINS - ({"bill"} if field == "shares" else set()):
                yield Ground(f"{field}[].{_field(column)}", f"{name}[{index}].{column}", verbatim(cell))


def _field(column: str) -> str:
    """``select_clinic`` is a part, ``address_city`` of the address."""
    if column.startswith(SELECT):
        return "parts"
    return "address" if column.startswith(ADDRESS) else column
