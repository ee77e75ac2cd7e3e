"""docs/staging.md: its tables, loaders and settings make CSV, 835 and DFT drops readable."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from fhir_facade.backends.sql import SqlBackend
from fhir_facade.keys import SourceKey
from fhir_facade.records import BillState
from tests.backends.sample import NAME
from tests.backends.sql.conftest import Open, Run

DOCUMENT = (Path(__file__).parents[3] / "docs" / "staging.md").read_text()
FILES = dict(re.findall(r"^`([\w.-]+)`\n```\w+\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL))
LOADERS: dict[str, Any] = {}
exec(compile(FILES["staging.py"], "staging.py", "exec"), LOADERS)  # noqa: S102  our own document

ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260105*0900*^*00501*000000001*0*P*:~"
REMITTANCE = (
    ISA
    + """
GS*HP*PAYER*CLINIC*20260105*0900*1*X*005010X221A1~
ST*835*0001~
BPR*I*110*C*CHK************20260105~
TRN*1*TRACE-77*1999999999~
LX*1~
CLP*A1*1*195.5*110*45.5*12*PAYERCLAIM~
CAS*CO*45*30**97*5.01~
NM1*QC*1*EXAMPLE*ANNA****MI*MEMBER1~
SVC*HC:99213*150*110~
CAS*CO*45*4.99~
CAS*PR*3*45.5~
CLP*A1*22*-195.5*-10*0*12*PAYERCLAIM~
SE*12*0001~
GE*1*1~
IEA*1*000000001~
"""
)
CHARGES = "\r".join(
    [
        "MSH|^~\\&|PMS|CLINIC|FACADE|SITE|202601021000||DFT^P03|1|P|2.3",
        "PID|1||1001^^^CLINIC~777^^^OLD||EXAMPLE^ANNA^M||19800520|F||||||||||B7",
        "FT1|1|T1||202601020930||CG|99213^Office visit|||1|150.00||||||||||||||99213^Office visit^CPT",
        "FT1|2|T2||20260102||CG|A4550^Tray|||1|16.16",
        "FT1|3|T3||20260103||CD|A4550^Tray|||1|16.16",
        "FT1|4|T4||20260103||PY|CASH|||1|20.00",
        "",
    ]
)


def load(engine: Engine, loader: str, *given: Any) -> None:
    with engine.begin() as connection:
        found: Callable[..., None] = LOADERS[loader]
        found(connection, *given)


@pytest.fixture
def staged(url: str, run: Run) -> Iterator[Engine]:
    run(*(statement for statement in FILES["staging.sql"].split(";") if statement.strip()))
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def backend(staged: Engine, url: str, open_with: Open) -> SqlBackend:
    settings = tomllib.loads(FILES["facade.toml"])["billing_system"][0]["settings"]
    return open_with(**settings | {"url": url})


@pytest.fixture
def export(tmp_path: Path) -> Path:
    (tmp_path / "patients.csv").write_text("\ufeffnumber,family,given,birth_date\n1001,Example,Anna,1980-05-20\n")
    (tmp_path / "bills.csv").write_text(
        "number,patient,state,due,created\nA1,1001,owed,45.50,2026-01-02\nA2,1001,pending,,2026-01-03\n"
    )
    return tmp_path


@pytest.mark.parametrize("times", [1, 2])
def test_a_csv_export_is_read(staged: Engine, backend: SqlBackend, export: Path, times: int) -> None:
    for _ in range(times):
        load(staged, "load_csv", export)
    bills = {bill.number: bill for bill in backend.bills(SourceKey(NAME, "1001"))}
    assert {number: (bill.state, bill.due) for number, bill in bills.items()} == {
        "A1": (BillState.OWED, Decimal("45.50")),
        "A2": (BillState.PENDING, None),
    }
    assert all(probe.ok for probe in backend.probe())


@pytest.mark.parametrize("times", [1, 2])
def test_an_835_adds_what_the_insurer_did(staged: Engine, backend: SqlBackend, export: Path, times: int) -> None:
    load(staged, "load_csv", export)
    for _ in range(times):
        load(staged, "load_835", REMITTANCE)
    bill = next(bill for bill in backend.bills(SourceKey(NAME, "1001")) if bill.number == "A1")
    assert (bill.insurance_paid, bill.adjusted, bill.due) == (Decimal("100.00"), Decimal("40.00"), Decimal("45.50"))


@pytest.mark.parametrize("times", [1, 2])
def test_a_dft_makes_a_pending_bill_of_its_charges(staged: Engine, backend: SqlBackend, times: int) -> None:
    for _ in range(times):
        load(staged, "load_dft", CHARGES)
    (bill,) = backend.bills(SourceKey(NAME, "1001"))
    person = backend.person(SourceKey(NAME, "1001"))
    assert (bill.number, bill.state, bill.due, bill.billed) == ("B7", BillState.PENDING, None, Decimal("150.00"))
    assert {(charge.code, charge.description, charge.amount, charge.date) for charge in bill.charges} == {
        ("99213", "Office visit", Decimal("150.00"), dt.date(2026, 1, 2)),
        ("A4550", "Tray", Decimal("16.16"), dt.date(2026, 1, 2)),
        ("A4550", "Tray", Decimal("-16.16"), dt.date(2026, 1, 3)),
    }
    assert person is not None
    assert (person.family, person.given, person.birth_date) == ("EXAMPLE", ("ANNA",), dt.date(1980, 5, 20))


def test_a_file_that_cannot_be_read_changes_nothing(staged: Engine, export: Path) -> None:
    (export / "bills.csv").write_text("number,patient,state,due,created\nA1,1001,owed,45.505,2026-01-02\n")
    with pytest.raises(ValueError, match="more than two digits"):
        load(staged, "load_csv", export)
    connection: Connection
    with staged.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM patients")).scalar_one() == 0
