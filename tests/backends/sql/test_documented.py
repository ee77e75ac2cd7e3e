"""The table of columns, docs/sql-backend.md and the records tell the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import closing
from enum import Enum
from pathlib import Path

import jsonschema
import msgspec
import pytest

from fhir_facade.backends.port import Context
from fhir_facade.backends.sql import SqlBackend, cells
from fhir_facade.backends.sql.columns import QUERIES, REQUIRED, Column
from fhir_facade.backends.sql.schema import DEFAULTS, SCHEMA
from fhir_facade.records import (
    OF_KIND,
    Address,
    BillState,
    Charge,
    Gender,
    Kind,
    PaymentState,
    Share,
    VisitState,
)
from fhir_facade.state.memory import MemoryStore

DOCUMENT = (Path(__file__).parents[3] / "docs" / "sql-backend.md").read_text()
RECORDS: Mapping[str, type[msgspec.Struct]] = {
    **{kind.value: OF_KIND[kind] for kind in Kind},
    "charges": Charge,
    "payment_shares": Share,
}
# What a query has beside the record's fields: what joins it to another query, and a line's place.
JOINS = {"charges": {"bill", "patient", "line"}, "payment_shares": {"payment", "patient"}}
# What is put together from other queries or from select_ columns.
MADE = {"parts", "charges", "shares"}
FROM_THE_BILL = {"payment_shares": {"parts", "state"}}
VALUES: Mapping[object, str] = {
    cells.text: "text",
    cells.amount: "amount",
    cells.date: "date",
    cells.moment: "date or time",
    cells.instant: "time",
    cells.truth: "truth",
    cells.whole: "whole number",
    cells.words: "list",
    cells.given: "names",
    cells.lines: "lines",
    cells.deceased: "truth, date or time",
}
CHOICES: Mapping[tuple[str, str], type[Enum]] = {
    ("persons", "gender"): Gender,
    ("bills", "state"): BillState,
    ("visits", "state"): VisitState,
    ("payments", "state"): PaymentState,
}


def line(query: str, column: Column) -> str:
    """The column's line in the document."""
    choice = CHOICES.get((query, column.name))
    value = " ".join(f"`{option.value}`" for option in choice) if choice else VALUES[column.read]
    return f"| `{column.name}` | {'yes' if column.required else ''} | {value} | {column.purpose} |"


@pytest.mark.parametrize("query", QUERIES)
def test_every_column_has_its_line_in_the_document(query: str) -> None:
    section = DOCUMENT.split(f"### `{query}`\n")[1].split("\n#")[0]
    assert [row for row in section.splitlines() if row.startswith("| `")] == [
        line(query, column) for column in QUERIES[query]
    ]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_has_the_fields_of_its_record(query: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(RECORDS[query])} - MADE - FROM_THE_BILL.get(query, set())
    if "address" in fields:
        fields |= {f"address_{field.name}" for field in msgspec.structs.fields(Address)}
    assert {column.name for column in QUERIES[query]} == (fields - {"address"}) | JOINS.get(query, set())


@pytest.mark.parametrize("query", [kind.value for kind in Kind])
def test_what_a_record_requires_is_required(query: str) -> None:
    required = {field.name for field in msgspec.structs.fields(RECORDS[query]) if field.required}
    assert {column.name for column in QUERIES[query] if column.required} == required


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \| [^|]+\|$", DOCUMENT.split("## Values")[0], re.MULTILINE))
    assert rows.pop("timezone") == "required with `queries`"
    assert rows.pop("queries") == "the views `persons` and `bills`"
    assert rows.keys() | {"timezone", "queries"} == SCHEMA["properties"].keys()
    for name in rows:
        default = DEFAULTS.get(name)
        written = f'`"{default}"`' if isinstance(default, str) else f"`{default}`"
        assert rows[name] == ("required" if name in SCHEMA["required"] else written), name
    assert set(REQUIRED) == {"persons", "bills"}


def test_the_examples_settings_open(tmp_path: Path) -> None:
    example = DOCUMENT.split("```toml\n")[1].split("```")[0]
    settings = tomllib.loads(example)["billing_system"][0]["settings"] | {"url": f"sqlite:///{tmp_path / 'a.db'}"}
    jsonschema.validate(settings, SqlBackend.settings_schema)
    with closing(SqlBackend.open(settings, Context("clinic", MemoryStore()))) as backend:
        assert Kind.VISITS in backend.kinds
