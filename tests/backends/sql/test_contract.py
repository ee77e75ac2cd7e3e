"""The sql backend keeps the contract, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.records import Kind
from fhir_facade.testing.asking import ask, by_mark
from tests.backends.sample import ANNA, NAME, RECORDS
from tests.backends.sample_contract import SampleContract
from tests.backends.sql.conftest import Open


class TestSql(SampleContract):
    """Sick is a SQLite file that is not there, and a PostgreSQL server where nobody listens."""

    __test__ = True

    @pytest.fixture
    def backend(self, backend: SqlBackend) -> SqlBackend:
        return backend

    @pytest.fixture
    def sick_backend(self, sample: dict[str, Any], open_with: Open, tmp_path: Path) -> SqlBackend:
        nowhere = make_url(sample["url"]).set(port=1)
        if nowhere.get_backend_name() == "sqlite":
            nowhere = make_url(f"sqlite:///{tmp_path / 'none' / 'billing.db'}")
        return open_with(**sample | {"url": nowhere.render_as_string(hide_password=False)})


def test_every_record_is_what_it_was_before_it_was_written(backend: SqlBackend) -> None:
    memory = MemoryBackend(RECORDS, name=NAME)
    for kind in Kind:
        assert by_mark(ask(backend, kind, ANNA)) == by_mark(ask(memory, kind, ANNA)), kind
