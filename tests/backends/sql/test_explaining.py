"""``explain`` tells each column of a record's row, as the database gave it."""

from __future__ import annotations

import msgspec
import pytest

from fhir_facade.backends.port import Ground
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.backends.sql.columns import QUERIES
from fhir_facade.errors import UnexpectedShape
from fhir_facade.events import Event
from fhir_facade.keys import SourceKey
from fhir_facade.owner import own_number, patient_of
from fhir_facade.records import OF_KIND, Charge, Kind, Share
from fhir_facade.testing.asking import ask
from tests.backends.sample import ANNA, ANNA_BEFORE, BORIS, NAME
from tests.backends.sql.conftest import Heard, Open, Run

STORED = {"sqlite": "TEXT", "postgresql": "NUMERIC"}
LISTS = {"charges": Charge, "shares": Share}


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_every_column_of_the_query_is_told_and_is_a_field(backend: SqlBackend, kind: Kind) -> None:
    fields = {field.name for field in msgspec.structs.fields(OF_KIND[kind])}
    for record in ask(backend, kind, ANNA):
        grounds = list(backend.explain(kind, SourceKey(NAME, patient_of(record)), own_number(record)))
        own = [ground for ground in grounds if ground.source.startswith(f"{kind.value}.")]
        columns = [column.name for column in QUERIES[kind.value]]
        assert [ground.source for ground in own] == [
            f"{kind.value}.{name}" for name in (*columns, "select_provider_group")
        ]
        for ground in grounds:
            name, _, inner = ground.field.partition("[].")
            assert name in fields
            assert not inner or inner in {each.name for each in msgspec.structs.fields(LISTS[name])}


def test_a_bills_charges_are_told_with_it(backend: SqlBackend) -> None:
    said = {ground.source: ground for ground in backend.explain(Kind.BILLS, ANNA, "9302")}
    amounts = [said[f"charges[{index}].amount"] for index in range(3)]
    assert {ground.field for ground in amounts} == {"charges[].amount"}
    assert len({ground.said for ground in amounts}) == 3


def test_a_payments_shares_are_told_with_it(backend: SqlBackend) -> None:
    said = {ground.source: ground.field for ground in backend.explain(Kind.PAYMENTS, ANNA, "e3800")}
    assert said["payment_shares[0].bill"] == "shares[].bill"
    assert "payment_shares[0].payment" not in said


def test_a_cell_is_told_as_the_database_gave_it(opened: Open, run: Run, url: str) -> None:
    amount = STORED["sqlite" if url.startswith("sqlite") else "postgresql"]
    run(
        f"CREATE TABLE t (number INTEGER, patient TEXT, state CHAR(9), due {amount}, billed {amount}, note TEXT)",
        "INSERT INTO t VALUES (7, 'p1', 'owed     ', '12.50', NULL, 'ignored')",
    )
    backend = opened({"bills": "SELECT number, patient, state, due, billed, note, 'n' AS select_clinic FROM t"})
    due = '"12.50"' if amount == "TEXT" else "12.50"
    assert set(backend.explain(Kind.BILLS, SourceKey(NAME, "p1"), "7")) == {
        Ground("number", "bills.number", "7"),
        Ground("patient", "bills.patient", '"p1"'),
        Ground("state", "bills.state", '"owed     "'),
        Ground("due", "bills.due", due),
        Ground("billed", "bills.billed", "null"),
        Ground("parts", "bills.select_clinic", '"n"'),
    }
    run("UPDATE t SET due = '.16'")
    said = {ground.field: ground.said for ground in backend.explain(Kind.BILLS, SourceKey(NAME, "p1"), "7")}
    assert said["due"] != due


def test_somebody_elses_record_is_not_told(backend: SqlBackend) -> None:
    assert list(backend.explain(Kind.BILLS, BORIS, "9301")) == []
    assert list(backend.explain(Kind.BILLS, SourceKey("elsewhere", ANNA.value), "9301")) == []
    assert list(backend.explain(Kind.BILLS, ANNA, "none")) == []


def test_a_person_is_told_under_the_number_in_force(backend: SqlBackend) -> None:
    person = backend.person(ANNA_BEFORE)
    assert person is not None
    said = {ground.source: ground.said for ground in backend.explain(Kind.PERSONS, ANNA_BEFORE, person.number)}
    assert said["persons.number"] == f'"{ANNA.value}"'


def test_charges_of_a_number_that_two_patients_share_are_nobodys(opened: Open) -> None:
    two = "SELECT 'b1' AS number, 'anna' AS patient, 'owed' AS state UNION ALL SELECT 'b1', 'boris', 'owed'"
    backend = opened({"bills": two, "charges": "SELECT 'b1' AS bill, 5 AS amount"})
    with pytest.raises(UnexpectedShape):
        backend.explain(Kind.BILLS, SourceKey(NAME, "anna"), "b1")


def test_a_query_that_the_site_did_not_write_explains_nothing(opened: Open, heard: Heard) -> None:
    assert list(opened().explain(Kind.VISITS, ANNA, "1")) == []
    assert heard == []


def test_it_is_one_call(backend: SqlBackend, heard: Heard) -> None:
    list(backend.explain(Kind.BILLS, ANNA, "9301"))
    assert [code for code, _ in heard] == [Event.SOURCE_CALLED]
