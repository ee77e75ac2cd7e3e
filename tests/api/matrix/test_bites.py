"""The matrix notices: each fault that is put into what decides changes some answer of it."""

from __future__ import annotations

import pytest

from tests.api.matrix.cases import TYPES, cases, difference
from tests.api.matrix.faults import FAULTS, broken
from tests.api.matrix.site import Site

TRIED = [(type, each) for each in ("read", "search by nothing", "search by _id") for type in TYPES]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_matrix_notices(site: Site, fault: str) -> None:
    with broken(site, FAULTS[fault]):
        assert any(difference(site, case) for type, each in TRIED for case in cases(site, type, each))
