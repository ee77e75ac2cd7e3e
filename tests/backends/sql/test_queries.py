"""What a site may write for a query, and what is found wrong with one before a patient is asked for."""

from __future__ import annotations

import pytest

from fhir_facade.backends.sql import SqlBackend
from fhir_facade.backends.sql.statement import statement
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import BillState, Kind
from tests.backends.sample import ANNA
from tests.backends.sql.conftest import MINIMAL, Open, Run

BILL = "SELECT 'b1' AS number, '1001' AS patient, 'owed' AS state"
FLOATING = {"sqlite": "REAL", "postgresql": "DOUBLE PRECISION"}


def database(url: str) -> str:
    return url.split("+")[0].split(":")[0]


@pytest.mark.parametrize("missing", ["number", "patient", "state"])
def test_a_missing_column_is_named_with_what_is_there_and_what_it_is_for(opened: Open, missing: str) -> None:
    columns = {"number": "'b1' AS number", "patient": "'1001' AS patient", "state": "'owed' AS state"}
    columns[missing] = "'x' AS something_else"
    backend = opened({"bills": "SELECT " + ", ".join(columns.values())})
    with pytest.raises(
        UnexpectedShape, match=f'a column "{missing}" .*the columns found are .*something_else'
    ) as fault:
        backend.verify()
    assert fault.value.path == f"bills.{missing}"
    with pytest.raises(UnexpectedShape):
        backend.bills(ANNA)


@pytest.mark.parametrize("column", ["due", "billed", "patient_paid"])
def test_a_floating_point_amount_is_refused_at_start_by_its_declaration(
    opened: Open, run: Run, url: str, column: str
) -> None:
    run(f"CREATE TABLE site_bills (number TEXT, patient TEXT, state TEXT, {column} {FLOATING[database(url)]})")
    with pytest.raises(UnexpectedShape, match=r"CAST.* AS TEXT.*amount_unit") as fault:
        opened({"bills": "site_bills"}).verify()
    assert fault.value.path == f"bills.{column}"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_floating_point_value_of_a_numeric_column_is_refused_on_sqlite(opened: Open, run: Run) -> None:
    run(
        "CREATE TABLE site_bills (number TEXT, patient TEXT, state TEXT, due NUMERIC)",
        "INSERT INTO site_bills VALUES ('b1', '1001', 'owed', '12.00')",
    )
    backend = opened({"bills": "site_bills"})
    assert backend.bills(ANNA)[0].due == 12
    run("INSERT INTO site_bills VALUES ('b2', '1001', 'owed', '12.50')")
    with pytest.raises(UnexpectedShape) as at_run_time:
        backend.bills(ANNA)
    with pytest.raises(UnexpectedShape) as at_start:
        opened({"bills": "site_bills"}).verify()
    assert at_run_time.value.path == at_start.value.path == "bills.due"


def test_the_cures_that_the_error_names_do_cure(opened: Open, run: Run, url: str) -> None:
    kind = FLOATING[database(url)]
    run(
        f"CREATE TABLE site_bills (number TEXT, patient TEXT, state TEXT, due {kind}, cents INTEGER)",
        "INSERT INTO site_bills VALUES ('b1', '1001', 'owed', 12.5, 1250)",
    )
    as_text = opened({"bills": "SELECT number, patient, state, CAST(due AS TEXT) AS due FROM site_bills"})
    in_cents = opened({"bills": "SELECT number, patient, state, cents AS due FROM site_bills"}, amount_unit="cents")
    assert [str(backend.bills(ANNA)[0].due) for backend in (as_text, in_cents)] == ["12.5", "12.50"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_money_is_refused_and_numeric_is_not(opened: Open) -> None:
    with pytest.raises(UnexpectedShape, match=r"bills\.due"):
        opened({"bills": f"{BILL}, '12.50'::money AS due"}).verify()
    bill = opened({"bills": f"{BILL}, 12.50::numeric(9,2) AS due"}).bills(ANNA)[0]
    assert str(bill.due) == "12.50"


@pytest.mark.parametrize(("query", "column"), [("bills", "patient"), ("persons", "number")])
def test_a_number_is_no_floating_point(opened: Open, run: Run, url: str, query: str, column: str) -> None:
    run(f"CREATE TABLE t (number {FLOATING[database(url)]}, patient {FLOATING[database(url)]}, state TEXT)")
    with pytest.raises(UnexpectedShape):
        opened({query: "t"}).verify()


def test_a_query_is_a_select_with_comments_colons_percents_or_a_name(opened: Open, run: Run) -> None:
    run(f"CREATE VIEW open_bills AS {BILL}")
    written = [
        "open_bills",
        '"open_bills"',
        f"{BILL};",
        f"-- what is open\n{BILL} -- and nothing else",
        "/* ours */ WITH b AS (SELECT * FROM open_bills) SELECT * FROM b",
        f"{BILL}, 'at 9:30 :patient 100%' AS description",
    ]
    for query in written:
        bills = opened({"bills": query}).bills(ANNA)
        assert [bill.state for bill in bills] == [BillState.OWED], query
    assert bills[0].description == "at 9:30 :patient 100%"


@pytest.mark.parametrize("written", ["DROP TABLE bills", "bills; DROP TABLE bills", "", "bills WHERE 1 = 1"])
def test_what_is_neither_query_nor_name_is_refused_when_opened(written: str) -> None:
    with pytest.raises(ValueError, match=r"settings\.queries\.bills"):
        statement("bills", written)


def test_capital_letters_make_no_difference(opened: Open) -> None:
    query = "SELECT 'b1' AS \"Number\", '1001' AS \"PATIENT\", 'owed' AS \"State\", 'north' AS \"Select_Clinic\""
    bill = opened({"bills": query}).bills(ANNA)[0]
    assert (bill.number, bill.parts) == ("b1", {"clinic": "north"})


def test_a_state_that_is_not_ours_is_a_surprise_at_its_column(opened: Open) -> None:
    backend = opened({"bills": "SELECT 'b1' AS number, '1001' AS patient, 'OPEN' AS state"})
    with pytest.raises(UnexpectedShape, match="one of owed") as fault:
        backend.bills(ANNA)
    assert fault.value.path == "bills.state"


def test_a_null_where_a_value_must_be_is_a_surprise(opened: Open) -> None:
    backend = opened({"bills": "SELECT 'b1' AS number, '1001' AS patient, CAST(NULL AS VARCHAR(9)) AS state"})
    with pytest.raises(UnexpectedShape, match=r"bills\.state: expected a value"):
        backend.bills(ANNA)


def test_select_columns_are_parts_and_divisions(opened: Open) -> None:
    bills = (
        f"{BILL}, 'north' AS select_clinic UNION ALL SELECT 'b2', '1001', 'owed', 'south'"
        " UNION ALL SELECT 'b3', '1001', 'owed', NULL"
    )
    backend = opened({"bills": bills})
    assert [bill.parts for bill in backend.bills(ANNA)] == [{"clinic": "north"}, {"clinic": "south"}, {}]
    assert backend.divisions() == {"clinic": {"north": "north", "south": "south"}}
    assert "*" in backend.select_keys


def test_only_what_the_site_wrote_is_declared(opened: Open) -> None:
    assert opened().kinds == {Kind.PERSONS, Kind.BILLS}
    assert opened({"visits": "SELECT 1 AS number"}).kinds == {Kind.PERSONS, Kind.BILLS, Kind.VISITS}
    assert opened().visits(ANNA) == ()
    with pytest.raises(NotImplementedError):
        opened().locate(Kind.VISITS, "1")


def test_a_query_that_was_wrong_is_looked_at_again(opened: Open, run: Run) -> None:
    backend = opened({"bills": "later"})
    with pytest.raises(UnexpectedShape, match="later"):
        backend.bills(ANNA)
    run(f"CREATE VIEW later AS {BILL}")
    assert len(backend.bills(ANNA)) == 1


def test_the_minimum_is_two_queries(opened: Open) -> None:
    backend: SqlBackend = opened()
    person = backend.person(ANNA._replace(value="p1"))
    assert person is not None
    assert person.active
    assert set(MINIMAL) == {"persons", "bills"}


def test_a_view_does_not_hide_floating_point(opened: Open, run: Run, url: str) -> None:
    run(
        f"CREATE TABLE t (number TEXT, patient TEXT, state TEXT, due {FLOATING[database(url)]})",
        "CREATE VIEW v AS SELECT t.*, due AS billed FROM t",
    )
    with pytest.raises(UnexpectedShape, match=r"bills\.billed"):
        opened({"bills": "SELECT number, patient, state, billed FROM v"}).verify()
