"""A practice on the simulator, and the backend in front of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.port import Context
from fhir_facade.events import Event
from fhir_facade.keys import SourceKey
from fhir_facade.sandbox.athenahealth import Practice, Simulator, World
from fhir_facade.state.memory import MemoryStore

ANNA = SourceKey("athena", "1001")
Open = Callable[..., AthenaHealth]


class Clock:
    """A clock that goes when it is told to: instants for the backend, seconds for what measures."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def forward(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class Heard(list[tuple[Event, dict[str, Any]]]):
    """An event log that remembers."""

    def __call__(self, code: Event, **facts: str | int | float) -> None:
        self.append((code, facts))

    def of(self, code: Event) -> list[dict[str, Any]]:
        return [facts for heard, facts in self if heard is code]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock.seconds, clock.forward)


@pytest.fixture
def context(store: MemoryStore, clock: Clock, heard: Heard) -> Context:
    return Context("athena", store, clock, heard)


@pytest.fixture
def practice() -> Practice:
    practice = Practice("195900", groups={"1": "Riverside", "2": "Lakeside"})
    practice.add_department(1, "Riverside Main Street")
    practice.add_department(21, "Riverside Prairie", zone="US/Central")
    practice.add_department(62, "Lakeside Cardiology", group="2")
    practice.add_provider(27, npi="1912345677", display="Nora Lindqvist, MD")
    practice.add_patient(1001, first="Anna", last="Vogel")
    practice.add_patient(1002, first="Marcus", last="Bell")
    return practice


@pytest.fixture
def world(practice: Practice, clock: Clock) -> World:
    return World([practice], now=clock)


@pytest.fixture
def sim(world: World) -> Iterator[Simulator]:
    with Simulator(world) as simulator:
        yield simulator


@pytest.fixture
def settings(sim: Simulator) -> dict[str, Any]:
    return {
        "environment": "preview",
        "practice_id": "195900",
        "client_id": sim.world.client_id,
        "client_secret": sim.world.client_secret,
        "base_url": sim.base_url,
    }


@pytest.fixture
def open_backend(settings: dict[str, Any], context: Context) -> Iterator[Open]:
    """Opens backends with more settings, and closes them."""
    with ExitStack() as stack:

        def opened(into: Context = context, **more: Any) -> AthenaHealth:
            backend = AthenaHealth.open(settings | more, into)
            stack.callback(backend.close)
            return backend

        yield opened


@pytest.fixture
def backend(open_backend: Open) -> AthenaHealth:
    return open_backend()


@pytest.fixture
def ready(backend: AthenaHealth, sim: Simulator) -> AthenaHealth:
    """The backend after its first calls: it has a token and the reference data, and nothing is counted."""
    backend.places()
    backend.practitioners()
    sim.forget()
    return backend
