"""What the columns of a record's rows say, for ``fhir-facade explain``: a column has the name of the field it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fhir_facade.backends.port import Ground
from fhir_facade.backends.sql.assembly import ADDRESS, owners_of
from fhir_facade.backends.sql.columns import SELECT
from fhir_facade.backends.sql.reading import Reading
from fhir_facade.backends.verbatim import verbatim
from fhir_facade.records import Kind

# The query that a list of a record's is made of, the column that names the record, and the list.
LISTS: Mapping[Kind, tuple[str, str, str]] = {
    Kind.BILLS: ("charges", "bill", "charges"),
    Kind.PAYMENTS: ("payment_shares", "payment", "shares"),
}
NO_FIELDS = frozenset({"patient", "line"})  # of the lists' rows: whose they are, and their order


def grounds(reading: Reading, kind: Kind, patient: str, own: str) -> Iterator[Ground]:
    """Every column of the record's row, then those of its charges or shares.  ``own`` is a payment's key."""
    by, value = ("patient", patient) if reading.has(kind.value, "patient") else ("number", own)
    for cells, raw in reading.verbatim(kind.value, by, {value}):
        if own == (cells.get("key") or cells["number"]):
            for column, cell in raw.items():
                yield Ground(_field(column), f"{kind.value}.{column}", verbatim(cell))
            if kind in LISTS:
                yield from _listed(reading, kind, patient, own)


def _listed(reading: Reading, kind: Kind, patient: str, own: str) -> Iterator[Ground]:
    name, by, field = LISTS[kind]
    rows = [raw for cells, raw in reading.verbatim(name, by, {own}) if cells.get("patient", patient) == patient]
    if rows and not reading.has(name, "patient"):
        owners_of(reading, kind.value, "key" if reading.has(kind.value, "key") else "number", [own], name)
    for index, raw in enumerate(rows):
        for column, cell in raw.items():
            if column not in NO_FIELDS | {by} and not column.startswith(SELECT):
                yield Ground(f"{field}[].{column}", f"{name}[{index}].{column}", verbatim(cell))


def _field(column: str) -> str:
    """``select_clinic`` is one of the parts, ``address_city`` a part of the address."""
    if column.startswith(SELECT):
        return "parts"
    return "address" if column.startswith(ADDRESS) else column
