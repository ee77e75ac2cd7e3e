"""State databases of each kind, a clock that tests move, and many workers at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest

from fhir_facade.state.database import Database
from tests.services import postgres_url

Result = TypeVar("Result")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def pause(self, seconds: float) -> None:
        """What a waiting thread does: others go on meanwhile, and time passes."""
        time.sleep(seconds)
        self.advance(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def state_url(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty state database of this kind."""
    if kind == "postgresql":
        with postgres_url() as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'state.db'}" if kind == "file" else "sqlite:///:memory:"


@pytest.fixture(params=["file", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that several processes can share."""
    with state_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=["file", "memory", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A state database of each kind, with its tables."""
    with state_url(request.param, tmp_path) as url, opened(url) as database:
        yield database


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A ``Database`` with its tables, closed afterwards."""
    database = Database(url)
    try:
        database.create()
        yield database
    finally:
        database.close()


def at_once(workers: int, work: Callable[[int], Result]) -> list[Result]:
    """What ``workers`` threads get that all start ``work`` at the same moment."""
    start = Barrier(workers)

    def begin(number: int) -> Result:
        start.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(begin, range(workers)))
