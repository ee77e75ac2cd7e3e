"""Records from a file, from the settings or from a program."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.port import Context
from fhir_facade.errors import Invalid
from fhir_facade.keys import SourceKey
from fhir_facade.records import OF_KIND, Account, BillState, Kind, Person
from fhir_facade.state.memory import MemoryStore
from tests.backends.sample import ANNA, NAME, RECORDS

ANNA_JSON = """{
  "persons": [{"number": "1001", "family": "Example", "given": ["Anna"], "birth_date": "1980-05-20"}],
  "bills": [{"number": "1", "patient": "1001", "state": "owed", "due": 100000000000000.01, "billed": "12.50",
             "created": "2026-01-02T09:00:00-05:00", "charges": [{"amount": 0.10}]}]
}"""
ANNA_TOML = """
[[persons]]
number = "1001"
family = "Example"
given = ["Anna"]
birth_date = 1980-05-20
[[bills]]
number = "1"
patient = "1001"
state = "owed"
due = 100000000000000.01
billed = "12.50"
created = 2026-01-02T09:00:00-05:00
charges = [{ amount = 0.10 }]
"""


def opened(**settings: Any) -> MemoryBackend:
    jsonschema.validate(settings, MemoryBackend.settings_schema)
    return MemoryBackend.open(settings, Context(NAME, MemoryStore()))


@pytest.mark.parametrize(("name", "text"), [("records.json", ANNA_JSON), ("records.toml", ANNA_TOML)])
def test_a_file_is_read_digit_by_digit(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    backend = opened(file=str(path))
    bill = backend.bills(ANNA)[0]
    assert [str(bill.due), str(bill.billed), str(bill.charges[0].amount)] == ["100000000000000.01", "12.50", "0.10"]
    assert bill.state is BillState.OWED
    assert bill.created == dt.datetime(2026, 1, 2, 14, tzinfo=dt.UTC)
    person = backend.person(ANNA)
    assert person is not None
    assert (person.given, person.birth_date) == (("Anna",), dt.date(1980, 5, 20))


def test_every_record_survives_a_file(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    kinds = {kind.value: [record for record in RECORDS if isinstance(record, OF_KIND[kind])] for kind in Kind}
    path.write_bytes(msgspec.json.encode(kinds))
    backend = opened(file=str(path))
    for kind in Kind:
        assert list(backend.scan(kind)) == kinds[kind.value]


def test_records_may_stand_in_the_settings() -> None:
    backend = opened(records={"accounts": [{"number": "1", "patient": "1001", "balance": "12.50"}]})
    assert backend.accounts(ANNA) == (Account(number="1", patient="1001", balance=Decimal("12.50")),)


@pytest.mark.parametrize(
    ("bill", "said"),
    [
        ({"due": 12.5}, r'\$\.bills\[0\]\.due: expected an exact amount: write it as text, "12\.50"'),
        ({"due": "12,50"}, r"\.due: expected an amount in plain digits"),
        ({"due": True}, r"\.due: expected an amount"),
        ({"duedate": "2026-01-01"}, r"\.duedate: expected one of number, .*due_date"),
        ({"state": "OPEN"}, r"\.state: expected one of owed, credit"),
        ({"created": "2026-01-02T09:00:00"}, r"\.created: expected a date and time with an offset"),
        ({"due_date": "01/02/2026"}, r"\.due_date: expected a date"),
        ({"charges": [{"code": "99213"}]}, r"\.charges\[0\]\.amount: expected a value"),
        ({"charges": {"amount": "1"}}, r"\.charges: expected a list"),
        ({"number": 5}, r"\.number: expected text"),
        ({"parts": {"clinic": 1}}, r"\.parts\.clinic: expected text"),
        ({"parts": []}, r"\.parts: expected an object"),
        ({"collectable": 1}, r"\.collectable: expected true or false"),
        ({"account": "1"}, r"\.account: expected an object"),
    ],
)
def test_what_is_no_record_is_refused_with_its_path(bill: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        opened(records={"bills": [{"number": "1", "patient": "1001", "state": "owed"} | bill]})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"records": {"invoices": []}}, "the keys persons, bills"),
        ({"records": {"bills": {}}}, r"\$\.bills: expected a list"),
        ({"records": {"bills": [5]}}, r"\$\.bills\[0\]: expected an object"),
        ({"file": "/nowhere/records.json"}, r"settings\.file"),
    ],
)
def test_what_is_no_file_of_records_is_refused(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        opened(**written)


def test_broken_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_text('{"bills": [')
    with pytest.raises(ValueError, match=r"settings\.file"):
        opened(file=str(path))


@pytest.mark.parametrize("settings", [{}, {"file": "a", "records": {}}, {"path": "a"}, {"file": ""}])
def test_the_schema_wants_a_file_or_records(settings: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(settings, MemoryBackend.settings_schema)


def test_a_number_in_force_wins_over_one_that_was_merged_away() -> None:
    backend = MemoryBackend([Person(number="2", previous=("1",)), Person(number="1")], name=NAME)
    found = backend.person(SourceKey(NAME, "1"))
    assert found is not None
    assert found.number == "1"


def test_an_account_number_that_two_patients_have_asks_for_the_patient() -> None:
    with pytest.raises(Invalid) as refusal:
        MemoryBackend(RECORDS, name=NAME).locate(Kind.ACCOUNTS, "1")
    assert refusal.value.code == "too-costly"


def test_divisions_are_the_parts_there_are() -> None:
    assert MemoryBackend(RECORDS, name=NAME).divisions() == {"provider_group": {"1": "1", "2": "2"}}


def test_each_field_of_a_record_explains_itself() -> None:
    backend = opened(records={"bills": [{"number": "1", "patient": "7", "state": "owed", "due": "12.50"}]})
    said = {ground.field: ground for ground in backend.explain(Kind.BILLS, SourceKey(NAME, "7"), "1")}
    assert said.keys() == {field.name for field in msgspec.structs.fields(OF_KIND[Kind.BILLS])}
    assert (said["due"].source, said["due"].said) == ("bills[].due", "12.50")
    assert (said["state"].said, said["billed"].said) == ('"owed"', "null")
    for patient, number in (("8", "1"), ("7", "2")):
        assert list(backend.explain(Kind.BILLS, SourceKey(NAME, patient), number)) == []
