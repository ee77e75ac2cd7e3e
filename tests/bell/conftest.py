"""An issuer, a clock, and bells that ring for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fhir_facade.bell.bell import Bell
from tests.bell.issuing import AUDIENCE, USER, Clock, Heard, IssuerStub, issuing


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def issuer(clock: Clock) -> Iterator[IssuerStub]:
    with issuing(clock) as issuer:
        yield issuer


Hang = Callable[..., Bell]


@pytest.fixture
def hang(issuer: IssuerStub, clock: Clock, heard: Heard) -> Iterator[Hang]:
    """Makes bells, and takes them down."""
    hung: list[Bell] = []

    def made(introspection: tuple[str, str] | None = None, name: str = "") -> Bell:
        audiences = (AUDIENCE, "facade")
        bell = Bell(name or issuer.url, audiences, introspection=introspection, event=heard, now=clock)
        hung.append(bell)
        return bell

    yield made
    for bell in hung:
        bell.close()


@pytest.fixture
def bell(hang: Hang) -> Bell:
    return hang()


@pytest.fixture
def asking_bell(issuer: IssuerStub, hang: Hang) -> Bell:
    """One that may introspect."""
    issuer.introspects()
    return hang(USER)
