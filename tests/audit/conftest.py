"""A spool, a trail and a carrier between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fhir_facade.audit.carrier import Carrier
from fhir_facade.audit.entry import Entry, encode
from fhir_facade.audit.spool import Spool
from fhir_facade.backends.port import unheard
from fhir_facade.keys import PatientKey
from fhir_facade.state.database import Database
from fhir_facade.state.trail import Trail
from tests.people import ANNA, NOW
from tests.state.conftest import opened, state_url

Carriers = Callable[..., Carrier]


def entry(id: str = "x", about: PatientKey = ANNA, recorded: dt.datetime = NOW) -> bytes:
    """A line of the spool."""
    made = Entry(int(recorded.timestamp() * 1000), "r", "read", "Invoice", id, "", 200, "open", "", "192.0.2.7")
    return encode(made.about(about)) + b"\n"


@pytest.fixture(params=["file", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with state_url(request.param, tmp_path) as url, opened(url) as database:
        yield database


@pytest.fixture
def trail(database: Database) -> Trail:
    return Trail(database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def carriers(folder: Path, trail: Trail) -> Carriers:
    """Makes carriers, each with a spool of its own in the same folder, as workers have them."""

    def make(size: int = 4_096, **more: object) -> Carrier:
        given = {"retention": dt.timedelta(days=9), "now": lambda: NOW, "event": unheard, **more}
        return Carrier(Spool(folder, size), trail, **given)  # type: ignore[arg-type]

    return make
