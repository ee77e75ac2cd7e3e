"""The demo's clinic, as the sql backend reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest

from fhir_facade.backends.port import Context
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind
from fhir_facade.sandbox.clinic import clinic_settings, create_clinic
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing import BackendContract


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clinic") / "clinic.db"
    create_clinic(path)
    return path


class TestClinic(BackendContract):
    """Maria's old number 2005 was merged into 2001."""

    @pytest.fixture
    def backend(self, clinic: Path) -> Iterator[SqlBackend]:
        settings = clinic_settings(clinic)
        jsonschema.validate(settings, SqlBackend.settings_schema)
        with closing(SqlBackend.open(settings, Context("clinic", MemoryStore()))) as backend:
            yield backend

    @pytest.fixture
    def sick_backend(self, tmp_path: Path) -> Iterator[SqlBackend]:
        settings = clinic_settings(tmp_path / "not-there.db")
        with closing(SqlBackend.open(settings, Context("clinic", MemoryStore()))) as backend:
            yield backend

    @pytest.fixture
    def known(self) -> SourceKey:
        return SourceKey("clinic", "2001")

    @pytest.fixture
    def stranger(self) -> SourceKey:
        return SourceKey("clinic", "1001")

    @pytest.fixture
    def merged(self) -> SourceKey:
        return SourceKey("clinic", "2005")

    @pytest.fixture
    def expected(self) -> Mapping[Kind, Collection[str]]:
        return {
            Kind.PERSONS: {"2001"},
            Kind.BILLS: {"H-5002", "H-4900", "H-4950"},
            Kind.ACCOUNTS: {"P-2001"},
            Kind.VISITS: {"303", "305"},
            Kind.PAYMENTS: {"9003", "9004"},
        }
