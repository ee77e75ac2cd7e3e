"""One site for all of the matrix: what is kept for one caller is there when the next one asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.matrix.site import Site, opened
from tests.bell.issuing import Clock, issuing
from tests.conftest import Judge


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, official: Judge) -> Iterator[Site]:
    yield from _made(tmp_path_factory.mktemp("matrix"), official)


@pytest.fixture(scope="package")
def forgetful(tmp_path_factory: pytest.TempPathFactory, official: Judge) -> Iterator[Site]:
    """One that keeps nothing of what it fetched: its billing systems are asked each time."""
    yield from _made(tmp_path_factory.mktemp("forgetful"), official, life=0.0)


def _made(place: Path, official: Judge, life: float | None = None) -> Iterator[Site]:
    with issuing(Clock()) as issuer:
        site = opened(place, issuer, official, life=life)
        yield site
        site.facade.house.close()
