"""The demo's world behind a facade in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.house import House, build
from fhir_facade.sandbox.demo import start_billing_systems
from fhir_facade.settings.load import load
from tests.conftest import Judge

Get = Callable[[str], Any]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with start_billing_systems(tmp_path_factory.mktemp("demo")) as config:
        house = build(load(config))
        yield house
        house.close()


@pytest.fixture(scope="session")
def get(house: House, official: Judge) -> Get:
    client = house.app.test_client()

    def answer(path: str) -> Any:
        response = client.get(f"/fhir/{path}")
        assert response.status_code == 200, (path, response.get_data(as_text=True))
        body = json.loads(response.get_data(), parse_float=Decimal)
        official(body)
        return body

    return answer
