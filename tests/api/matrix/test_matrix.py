"""Interactions × types × scopes × whose it is: exactly what is theirs, and of all else nothing."""

from __future__ import annotations

import pytest

from tests.api.matrix.cases import TYPES, cases, difference, interactions
from tests.api.matrix.site import Site


@pytest.mark.parametrize(("type", "interaction"), [(type, each) for type in TYPES for each in interactions(type)])
def test_everybody_is_answered_with_what_is_theirs(site: Site, type: str, interaction: str) -> None:
    wrong = [said for case in cases(site, type, interaction) if (said := difference(site, case))]
    assert not wrong, f"{len(wrong)} cases, such as:\n" + "\n".join(wrong[:20])
