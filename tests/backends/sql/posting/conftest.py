"""The worked example of docs/sql-backend.md, set up as it says, with people and bills in it."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from fhir_facade.backends.posting import Posting
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.backends.sql.poster import SqlPoster
from fhir_facade.keys import SourceKey
from tests.backends.sample import NAME
from tests.backends.sql.conftest import Open, Run

DOCUMENT = (Path(__file__).parents[4] / "docs" / "sql-backend.md").read_text()
FILES = dict(re.findall(r"^`([\w.-]+)`\n```\w+\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL))
INTAKE: dict[str, Any] = {}
exec(compile(FILES["intake.py"], "intake.py", "exec"), INTAKE)  # noqa: S102  our own document
SETTINGS = tomllib.loads(FILES["facade.toml"])["billing_system"][0]["settings"]
STATEMENT: dict[str, Any] = tomllib.loads(FILES["statement.toml"])["assigning_authority"][0]["posting"]
FILE: dict[str, Any] = tomllib.loads(FILES["file.toml"])["assigning_authority"][0]["posting"]
ANNA, BORIS = SourceKey(NAME, "1001"), SourceKey(NAME, "1002")
ROWS = (
    "INSERT INTO patients VALUES ('1001', 'Example'), ('1002', 'Sample')",
    "INSERT INTO bills VALUES ('A1', '1001', 8550), ('A2', '1001', 10), ('A3', '1001', 5), ('B1', '1002', 77767)",
    "INSERT INTO visits VALUES ('V1', '1001', '2026-12-01 09:30', 2000), ('V2', '1002', '2026-12-02 10:00', 1500)",
)
PAID = {"A1": Decimal("85.47"), "A2": Decimal("0.10")}
POSTING = Posting(
    payment="Zk3-payment_1",
    patient=ANNA,
    amount=Decimal("85.57"),
    currency="USD",
    captured=dt.datetime(2026, 11, 24, 4, 30, tzinfo=dt.UTC),
    bills=PAID,
    tender="card",
    brand="visa",
    last4="4242",
    settings=STATEMENT,
)
TakeIn = Callable[[], None]


@pytest.fixture
def site(url: str, run: Run) -> str:
    """The example's database, with Anna and Boris."""
    run(*(statement for statement in FILES["posting.sql"].split(";") if statement.strip()), *ROWS)
    return url


@pytest.fixture
def at_site(site: str, open_with: Open) -> Callable[..., SqlBackend]:
    """Opens the example's billing system, with other settings where a test says so."""
    return lambda **settings: open_with(**SETTINGS | {"url": site, "posting_url": site} | settings)


@pytest.fixture
def backend(at_site: Callable[..., SqlBackend]) -> SqlBackend:
    return at_site()


@pytest.fixture
def teller(backend: SqlBackend) -> SqlPoster:
    return backend.poster()


@pytest.fixture
def engine(site: str) -> Iterator[Engine]:
    """The database, with its owner's rights."""
    engine = create_engine(site)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    yield engine
    engine.dispose()


@pytest.fixture
def folders(tmp_path: Path) -> Mapping[str, Any]:
    """The ``posting`` table of the example by file, in folders of the test's own."""
    out, back = tmp_path / "out", tmp_path / "back"
    (out / ".sent").mkdir(parents=True)
    back.mkdir()
    return {**FILE, "folder": str(out), "acknowledgements": str(back)}


@pytest.fixture
def take_in(engine: Engine, folders: Mapping[str, Any]) -> TakeIn:
    """The billing system takes in what was dropped, as the example does."""
    return lambda: INTAKE["take_in"](engine, Path(folders["folder"]), Path(folders["acknowledgements"]))


@pytest.fixture
def by_file(folders: Mapping[str, Any]) -> Posting:
    return replace(POSTING, settings=folders)


def booked(engine: Engine) -> list[tuple[Any, ...]]:
    """All that was paid online: payment, part, bill, visit, cents."""
    found = "SELECT payment, part, bill, visit, amount FROM online_payments ORDER BY payment, part"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(found))]
