"""One site for all of the matrix: what is kept for one caller is there when the next one asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.matrix.site import Site, running
from tests.conftest import Judge


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, official: Judge) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("matrix"), official) as site:
        yield site


@pytest.fixture(scope="package")
def forgetful(tmp_path_factory: pytest.TempPathFactory, official: Judge) -> Iterator[Site]:
    """One that keeps nothing of what it fetched: its billing systems are asked each time."""
    with running(tmp_path_factory.mktemp("forgetful"), official, life=0.0) as site:
        yield site
