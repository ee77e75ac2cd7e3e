"""The demo's world behind a facade in this process: without tokens, and as the demo serves it, with them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
import requests
from werkzeug.test import TestResponse

from fhir_facade.clock import utcnow
from fhir_facade.house import House, build
from fhir_facade.sandbox.demo import start_billing_systems, start_demo
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


@dataclass
class Smart:
    """The demo as it is served.  ``ahead`` moves the facade's clock, not the authorization server's."""

    house: House
    issuer: str
    exchanges_key: dict[str, Any]
    official: Judge
    ahead: dt.timedelta = field(default_factory=dt.timedelta)

    def token(self, **query: str) -> str:
        """What the demo's first line puts into the shell's variable."""
        answer = requests.get(f"{self.issuer}/demo-token", params=query, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.text

    def get(self, path: str, token: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.house.app.test_client().get(f"/fhir/{path}", headers=headers)

    def json(self, path: str, token: str = "", status: int = 200) -> Any:
        response = self.get(path, token)
        assert response.status_code == status, (path, response.get_data(as_text=True))
        body = json.loads(response.get_data(), parse_float=Decimal)
        self.official(body)
        return body


@pytest.fixture(scope="session")
def smart(tmp_path_factory: pytest.TempPathFactory, official: Judge) -> Iterator[Smart]:
    ahead: list[Smart] = []
    with start_demo(tmp_path_factory.mktemp("smart")) as demo:
        settings = load(demo.config)
        house = build(settings, lambda: utcnow() + (ahead[0].ahead if ahead else dt.timedelta()))
        demo.let_people_in(house, settings)
        key = json.loads(demo.exchanges_key.read_text())
        ahead.append(Smart(house, demo.authorization.issuer, key, official))
        yield ahead[0]
        house.close()
