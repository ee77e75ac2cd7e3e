"""What the tests of the search room share: sample resources, and a search in one call."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.search.query import Criterion, Query, parse

BASE_URL = "https://billing.example.org/fhir"
TODAY = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
SAMPLES = Path(__file__).parent / "samples"

Resource = dict[str, Any]
Ask = Callable[..., Query]
Judge = Callable[[str, str, Resource], bool]


@pytest.fixture
def ask() -> Ask:
    """``ask("Invoice", "status=issued", "_count=5", strict=True)``: the query of these pairs."""

    def _ask(type: str, *pairs: str, strict: bool = False) -> Query:
        split = [(name, value) for name, _, value in (pair.partition("=") for pair in pairs)]
        return parse(type, split, base_url=BASE_URL, strict=strict, now=lambda: TODAY)

    return _ask


@pytest.fixture
def criterion(ask: Ask) -> Callable[[str, str], Criterion]:
    """``criterion("Invoice", "status=issued")``: the only criterion of a query."""

    def _criterion(type: str, pair: str) -> Criterion:
        (only,) = ask(type, pair).criteria
        return only

    return _criterion


@pytest.fixture
def matches(criterion: Callable[[str, str], Criterion]) -> Judge:
    """``matches("Invoice", "status=issued", body)``: whether the resource is found."""

    def _matches(type: str, pair: str, body: Resource) -> bool:
        one = criterion(type, pair)
        return one.admits(one.parameter.index(body))

    return _matches


@pytest.fixture
def sample() -> Callable[[str], Resource]:
    """A rich resource of each type; its numbers are exact."""

    def _sample(type: str) -> Resource:
        body: Resource = json.loads((SAMPLES / f"{type}.json").read_text("utf-8"), parse_float=Decimal)
        return body

    return _sample
