"""Billing databases: empty ones to fill, and the sample, each once in SQLite and once in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sqlalchemy import create_engine, text

from fhir_facade.backends.port import Context
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.events import Event
from fhir_facade.state.memory import MemoryStore
from tests.backends.sample import NAME, RECORDS
from tests.backends.sql.tables import write
from tests.services import postgres_url

Open = Callable[..., SqlBackend]
Run = Callable[..., None]
Heard = list[tuple[Event, dict[str, Any]]]
DATABASES = ("sqlite", "postgresql")
MINIMAL = {
    "persons": "SELECT 'p1' AS number",
    "bills": "SELECT 'b1' AS number, 'p1' AS patient, 'owed' AS state",
}


@contextmanager
def empty(database: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if database == "sqlite":
        path = folder / "billing.db"
        path.touch()  # an empty file is an empty database; the backend itself would make none
        yield f"sqlite:///{path}"
    else:
        with postgres_url() as url:
            yield url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    with empty(request.param, tmp_path) as found:
        yield found


@pytest.fixture(scope="module", params=DATABASES)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The settings of a database that holds the sample; a module's tests share it and only read."""
    with empty(request.param, tmp_path_factory.mktemp("sample")) as found:
        yield {"url": found, "timezone": "America/New_York", "queries": write(found, RECORDS)}


@pytest.fixture
def run(url: str) -> Run:
    """Runs the site's own statements in the database, with rights that the backend has not."""

    def execute(*statements: str) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    return execute


@pytest.fixture
def heard() -> Heard:
    """The events of the backends that are open."""
    return []


@pytest.fixture
def open_with(heard: Heard) -> Iterator[Open]:
    """Opens the backend with settings, as the house does, and closes it after the test."""
    with ExitStack() as backends:

        def open_(**settings: Any) -> SqlBackend:
            jsonschema.validate(settings, SqlBackend.settings_schema)
            context = Context(NAME, MemoryStore(), event=lambda code, **facts: heard.append((code, facts)))
            return backends.enter_context(closing(SqlBackend.open(settings, context)))

        yield open_


@pytest.fixture
def opened(url: str, open_with: Open) -> Open:
    """Opens the backend with a site's queries; what a test does not write is as small as it can be."""

    def open_(queries: dict[str, str] | None = None, **settings: Any) -> SqlBackend:
        return open_with(
            **{"url": url, "timezone": "America/New_York", "queries": MINIMAL | (queries or {})} | settings
        )

    return open_


@pytest.fixture
def backend(sample: dict[str, Any], open_with: Open) -> SqlBackend:
    """The backend in front of the sample."""
    return open_with(**sample)
