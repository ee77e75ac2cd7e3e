"""The site of the matrix, of which it is known what is whose, and what holds of every answer of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.matrix.site import Site, running
from tests.conftest import Judge


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, official: Judge) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("hostile"), official) as site:
        yield site
