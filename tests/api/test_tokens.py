"""Where tokens are asked for, nobody gets in without one; and tokens are not judged yet."""

from __future__ import annotations

import pytest

from tests.api.conftest import Facades, parsed
from tests.people import ANNA


@pytest.mark.parametrize("token", [None, "Bearer x", "Basic YTpi"])
def test_mode_smart_turns_everybody_away_from_bills(facades: Facades, token: str | None) -> None:
    facade = facades(security="smart")
    for path in (
        f"Invoice?patient={facade.patient(ANNA)}",
        f"Invoice/{facade.record('Invoice', ANNA, '9301')}",
        "Patient?identifier=1001",
    ):
        response = facade.get(path, **({} if token is None else {"Authorization": token}))
        assert (response.status_code, parsed(response)["issue"][0]["code"]) == (401, "login")
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert facade.systems["practice"].asked == []


def test_what_this_server_can_do_is_public(facades: Facades) -> None:
    facade = facades(security="smart")
    assert facade.json("metadata")["kind"] == "instance"
    assert facade.json("SearchParameter/assigner")["code"] == "assigner"
    assert facade.json("StructureDefinition")["total"] > 0
