"""The patient is exact, whatever the database would convert or collate; nobody's rows reach anybody else."""

from __future__ import annotations

from uuid import UUID

import pytest

from fhir_facade.errors import Invalid, UnexpectedShape
from fhir_facade.keys import SourceKey
from fhir_facade.records import Bill, Kind
from fhir_facade.testing.asking import lookalikes
from tests.backends.sample import NAME
from tests.backends.sql.conftest import Open, Run

ID = str(UUID(int=2**100))
KEYS = {  # column type → a number as the column has it
    "sqlite": {"INTEGER": "7", "TEXT": "7", "TEXT COLLATE NOCASE": "a7", "NUMERIC": "7", "": "7"},
    "postgresql": {"INTEGER": "7", "BIGINT": "7", "NUMERIC(9)": "7", "TEXT": "7", "CHAR(9)": "a7", "UUID": ID},
}
COLUMNS = [(database, kind, value) for database, kinds in KEYS.items() for kind, value in kinds.items()]


def key(value: str) -> SourceKey:
    return SourceKey(NAME, value)


@pytest.mark.parametrize(("url", "kind", "value"), COLUMNS, indirect=["url"])
def test_a_number_of_any_type_is_found_by_its_own_text_only(opened: Open, run: Run, kind: str, value: str) -> None:
    run(
        f"CREATE TABLE site (number {kind}, patient {kind}, state TEXT)",
        f"INSERT INTO site VALUES ('{value}', '{value}', 'owed')",  # noqa: S608
    )
    backend = opened({"persons": "site", "bills": "site"})
    person = backend.person(key(value))
    assert person is not None
    assert [bill.patient for bill in backend.bills(key(value))] == [person.number] == [value]
    assert backend.locate(Kind.BILLS, value) == key(value)
    for other in (*lookalikes(value), value.upper(), "9" * 30, "-" + value):
        if other != value:
            assert backend.person(key(other)) is None, ascii(other)
            assert not backend.bills(key(other)), ascii(other)
            assert backend.locate(Kind.BILLS, other) is None, ascii(other)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_sqlite_numbers_made_by_expressions_are_found(opened: Open, run: Run) -> None:
    run("CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (7)")
    backend = opened(
        {
            "persons": "SELECT id + 0 AS number FROM t",
            "bills": "SELECT 'B' || id AS number, id || '' AS patient, 'owed' AS state, 1 AS billed FROM t",
            "charges": "SELECT 'B' || (id + 0) AS bill, 5 AS amount FROM t",
        }
    )
    assert backend.person(key("7")) is not None
    assert [len(bill.charges) for bill in backend.bills(key("7"))] == [1]


TWO_PATIENTS = "SELECT 'b1' AS number, 'anna' AS patient, 'owed' AS state UNION ALL SELECT 'b1', 'boris', 'owed'"
CHARGES = "SELECT 'b1' AS bill, 5 AS amount, 'anna' AS patient UNION ALL SELECT 'b1', 7, 'boris'"


def test_charges_of_a_number_that_two_patients_have_reach_neither(opened: Open) -> None:
    backend = opened({"bills": TWO_PATIENTS, "charges": "SELECT 'b1' AS bill, 5 AS amount"})
    with pytest.raises(UnexpectedShape, match="one patient for each number, or a column patient in charges"):
        backend.bills(key("anna"))


def test_charges_that_name_their_patient_reach_only_that_one(opened: Open) -> None:
    backend = opened({"bills": TWO_PATIENTS, "charges": CHARGES})
    billed = {name: [charge.amount for charge in backend.bills(key(name))[0].charges] for name in ("anna", "boris")}
    assert billed == {"anna": [5], "boris": [7]}


def test_shares_of_a_payment_number_that_two_patients_have_reach_neither(opened: Open) -> None:
    payments = "SELECT 'p1' AS number, '{0}' AS patient, 'posted' AS state, 9 AS amount, '2026-01-02' AS taken"
    both = f"{payments.format('anna')} UNION ALL {payments.format('boris')}"
    shares = "SELECT 'p1' AS payment, 'b1' AS bill, 9 AS amount"
    with pytest.raises(UnexpectedShape, match=r"payments\.number"):
        opened({"payments": both, "payment_shares": shares}).payments(key("anna"))
    named = opened({"payments": both, "payment_shares": f"{shares}, 'boris' AS patient"})
    assert named.payments(key("anna"))[0].shares == ()
    assert [share.bill for share in named.payments(key("boris"))[0].shares] == ["b1"]


def test_two_rows_of_a_patient_with_one_number_are_a_surprise(opened: Open) -> None:
    bill = "SELECT 'b1' AS number, 'anna' AS patient, 'owed' AS state"
    with pytest.raises(UnexpectedShape, match=r"bills\.number"):
        opened({"bills": f"{bill} UNION ALL {bill}"}).bills(key("anna"))
    with pytest.raises(UnexpectedShape, match=r"persons\.number"):
        opened({"persons": "SELECT 'anna' AS number UNION ALL SELECT 'anna'"}).person(key("anna"))


def test_a_number_that_two_patients_have_locates_neither(opened: Open) -> None:
    with pytest.raises(Invalid) as refusal:
        opened({"bills": TWO_PATIENTS}).locate(Kind.BILLS, "b1")
    assert refusal.value.code == "too-costly"


def test_somebody_elses_account_is_no_link(opened: Open) -> None:
    backend = opened(
        {
            "bills": "SELECT 'b1' AS number, 'child' AS patient, 'owed' AS state, 'A1' AS account"
            " UNION ALL SELECT 'b2', 'parent', 'owed', 'A1'",
            "accounts": "SELECT 'A1' AS number, 'parent' AS patient",
        }
    )
    assert backend.bills(key("child"))[0].account is None
    linked = {bill.number: bill.account is not None for bill in backend.scan(Kind.BILLS) if isinstance(bill, Bill)}
    assert linked == {"b1": False, "b2": True}


def test_a_merged_number_is_found_among_the_previous_ones_and_only_whole(opened: Open) -> None:
    backend = opened({"persons": "SELECT '20' AS number, '100, 2%' AS previous UNION ALL SELECT '10', NULL"})
    found = {number: backend.person(key(number)) for number in ("20", "100", "2%", "10", "2", "0", "1", "%")}
    assert {number: person.number for number, person in found.items() if person} == {
        "20": "20",
        "100": "20",
        "2%": "20",
        "10": "10",
    }


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_arrays_are_lists(opened: Open) -> None:
    backend = opened({"persons": "SELECT '20' AS number, ARRAY['100', '200'] AS previous, ARRAY['Mary Ann'] AS given"})
    person = backend.person(key("100"))
    assert person is not None
    assert (person.previous, person.given) == (("100", "200"), ("Mary Ann",))
    assert backend.person(key("10")) is None


def test_a_share_tells_the_part_and_state_of_its_bill(opened: Open) -> None:
    backend = opened(
        {
            "bills": "SELECT 'b1' AS number, 'child' AS patient, 'settled' AS state, 'north' AS select_clinic",
            "payments": "SELECT 1 AS number, 'parent' AS patient, 'posted' AS state, 9 AS amount, '2026-01-02' taken",
            "payment_shares": "SELECT 1 AS payment, 'b1' AS bill, 4 AS amount UNION ALL SELECT 1, 'gone', 5",
        }
    )
    shares = backend.payments(key("parent"))[0].shares
    assert [(share.bill, share.parts, share.state and share.state.value) for share in shares] == [
        ("b1", {"clinic": "north"}, "settled"),
        ("gone", {}, None),
    ]


def test_charges_keep_the_sources_order(opened: Open) -> None:
    charges = " UNION ALL ".join(f"SELECT 'b1' AS bill, {n} AS amount, {line} AS line" for line, n in ((2, 1), (1, 2)))
    backend = opened({"charges": charges})
    assert [charge.amount for charge in backend.bills(key("p1"))[0].charges] == [2, 1]


def test_more_numbers_than_one_statement_takes(opened: Open, run: Run) -> None:
    run("CREATE TABLE t (number INTEGER)", "INSERT INTO t VALUES (0)")
    for power in range(11):
        run(f"INSERT INTO t SELECT number + {2**power} FROM t")  # noqa: S608
    backend = opened(
        {
            "bills": "SELECT number, 'p1' AS patient, 'owed' AS state FROM t",
            "charges": "SELECT number AS bill, 1 AS amount FROM t",
        }
    )
    bills = backend.bills(key("p1"))
    assert len(bills) == 2048
    assert {len(bill.charges) for bill in bills} == {1}
