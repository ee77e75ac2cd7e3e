"""An index that is up, and inquiries of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fhir_facade.mpi.index import Index, Inquiry
from fhir_facade.mpi.opening import opened
from fhir_facade.settings.model import (
    AssigningAuthority,
    BillingSystemSettings,
    People,
    Security,
    Server,
    Settings,
)
from tests.bell.issuing import Clock, Heard
from tests.mpi.indexing import PERSON, IndexStub, indexing

AUTHORITIES = tuple(AssigningAuthority(name, name, f"urn:{name}", "system") for name in ("riverside", "clinic"))
UNRELEASED = AssigningAuthority("closed", "closed", "urn:closed", "other")
SYSTEMS = (BillingSystemSettings("system", "memory"), BillingSystemSettings("other", "memory", enabled=False))

Ask = Callable[..., Inquiry]
Open = Callable[..., Index]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def stub() -> Iterator[IndexStub]:
    with indexing() as stub:
        yield stub


def site(url: str, **people: object) -> Settings:
    """Settings of a site with an index."""
    asked = People(**{"url": url, "person_system": PERSON, **people})  # type: ignore[arg-type]
    return Settings(Server("http://127.0.0.1/fhir"), Security(), SYSTEMS, (*AUTHORITIES, UNRELEASED), people=asked)


@pytest.fixture
def opening(stub: IndexStub, clock: Clock, heard: Heard) -> Iterator[Open]:
    """Opens the index with other settings, and closes it."""
    made: list[Index] = []

    def open(**people: object) -> Index:
        url = str(people.pop("url", stub.url))
        made.append(opened(site(url, **people), lambda proxy, today: frozenset({"anna"}), heard, clock))
        return made[-1]

    yield open
    for index in made:
        index.close()


@pytest.fixture
def ask(opening: Open) -> Ask:
    """An inquiry of an index with these settings."""
    return lambda **people: opening(**people).inquiry()
