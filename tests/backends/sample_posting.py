"""The poster suite's fixtures for the sample: Anna pays parts of two bills, and before a visit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.keys import SourceKey
from fhir_facade.testing import PosterContract
from tests.backends.sample import ANNA, BORIS


class SamplePosting(PosterContract):
    """The behaviours, asked about Anna's money."""

    __test__ = False

    @pytest.fixture
    def known(self) -> SourceKey:
        return ANNA

    @pytest.fixture
    def stranger(self) -> SourceKey:
        return BORIS

    @pytest.fixture
    def paid_bills(self) -> Mapping[str, Decimal]:
        return {"9301": Decimal("85.47"), "9401": Decimal("0.10")}

    @pytest.fixture
    def paid_visit(self) -> tuple[str, Decimal]:
        return "5001", Decimal("19.99")

    @pytest.fixture
    def posting_settings(self) -> Mapping[str, Any]:
        return {}
