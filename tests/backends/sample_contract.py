"""The conformance suite's fixtures for the sample."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind
from fhir_facade.testing import BackendContract
from tests.backends.sample import ANNA, ANNA_BEFORE, BORIS, EXPECTED


class SampleContract(BackendContract):
    """The behaviours, asked about Anna and Boris."""

    __test__ = False

    @pytest.fixture
    def known(self) -> SourceKey:
        return ANNA

    @pytest.fixture
    def stranger(self) -> SourceKey:
        return BORIS

    @pytest.fixture
    def merged(self) -> SourceKey:
        return ANNA_BEFORE

    @pytest.fixture
    def expected(self) -> Mapping[Kind, Collection[str]]:
        return EXPECTED
