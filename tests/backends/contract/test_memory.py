"""The memory backend keeps the contract."""

from __future__ import annotations

import pytest

from fhir_facade.backends.memory import MemoryBackend
from tests.backends.sample import NAME, RECORDS
from tests.backends.sample_contract import SampleContract


class TestMemory(SampleContract):
    """Memory never fails, so there is no sick one."""

    __test__ = True

    @pytest.fixture
    def backend(self) -> MemoryBackend:
        return MemoryBackend(RECORDS, name=NAME)
