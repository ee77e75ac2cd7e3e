"""A practice built by hand, served on a socket, and a client that holds a token."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from fhir_facade.sandbox.athenahealth import Practice, Simulator, World

PRACTICE = "195900"
SCOPE = "athena/service/Athenanet.MDP.*"
TODAY = dt.date(2026, 3, 2)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += dt.timedelta(**amount)


class Api:
    """What a client of the simulator does."""

    def __init__(self, simulator: Simulator, session: requests.Session) -> None:
        self.simulator, self.session = simulator, session

    def ask_token(self, **changes: Any) -> requests.Response:
        world = self.simulator.world
        arguments: dict[str, Any] = {
            "auth": (world.client_id, world.client_secret),
            "data": {"grant_type": "client_credentials", "scope": SCOPE},
        }
        return self.session.post(self.simulator.base_url + "/oauth2/v1/token", timeout=10, **arguments | changes)

    def sign_in(self) -> None:
        self.session.headers["Authorization"] = "Bearer " + self.ask_token().json()["access_token"]

    def get(self, path: str, practice: str = PRACTICE, **query: Any) -> requests.Response:
        return self.session.get(f"{self.simulator.base_url}/v1/{practice}{path}", params=query, timeout=10)

    def json(self, path: str, **query: Any) -> Any:
        response = self.get(path, **query)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def practice() -> Practice:
    practice = Practice(PRACTICE, groups={"1": "Riverside", "2": "Lakeside"})
    practice.add_department(1)
    practice.add_department(21)
    practice.add_department(62, group="2")
    practice.add_patient(1001)
    return practice


@pytest.fixture
def world(practice: Practice, clock: Clock) -> World:
    return World([practice], now=clock)


@pytest.fixture
def simulator(world: World) -> Iterator[Simulator]:
    with Simulator(world) as simulator:
        yield simulator


@pytest.fixture
def stranger(simulator: Simulator) -> Iterator[Api]:
    """A client without a token."""
    with requests.Session() as session:
        yield Api(simulator, session)


@pytest.fixture
def api(stranger: Api, world: World) -> Api:
    """A client with a token and an empty call log."""
    stranger.sign_in()
    world.calls.clear()
    return stranger
