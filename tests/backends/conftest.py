"""A payment that tests of posters use."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from fhir_facade.backends.posting import Posting
from tests.backends.sample import ANNA


@pytest.fixture
def one_bill() -> Posting:
    """All of bill 9301."""
    due = Decimal("85.50")
    captured = dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.UTC)
    return Posting("p1", ANNA, due, "USD", captured, bills={"9301": due})
