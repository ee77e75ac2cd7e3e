"""So many requests a minute for one caller, and nobody else pays for them."""

from __future__ import annotations

import datetime as dt

from fhir_facade.guard.caller import Caller
from fhir_facade.guard.rate import Counters
from fhir_facade.settings.model import Security
from tests.api.conftest import Facade, Facades, parsed


def limited(facades: Facades) -> Facade:
    facade = facades()
    facade.now = dt.datetime(2026, 11, 23, 12, 0, 48, tzinfo=dt.UTC)
    facade.resettle(security=Security("open", requests_per_minute=3))
    return facade


def test_one_caller_is_held_back_and_others_are_not(facades: Facades) -> None:
    facade = limited(facades)
    facade.caller = Caller("eager")
    assert [facade.get("Organization").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    refusal = facade.get("Organization")
    assert (refusal.headers["Retry-After"], parsed(refusal)["issue"][0]["code"]) == ("12", "throttled")
    facade.caller = Caller("patient")
    assert facade.get("Organization").status_code == 200


def test_the_next_minute_is_a_new_one(facades: Facades) -> None:
    facade = limited(facades)
    facade.caller = Caller("eager")
    assert [facade.get("Organization").status_code for _ in range(4)][-1] == 429
    facade.later(12)
    assert facade.get("Organization").status_code == 200


def test_what_is_public_is_not_counted(facades: Facades) -> None:
    facade = limited(facades)
    assert {facade.get(path).status_code for path in ["metadata", "SearchParameter/assigner"] * 5} == {200}


def test_counters_count_each_key_for_itself() -> None:
    counters = Counters()
    assert [counters.add(key, 1, 60) for key in ("a", "b", "a", "a")] == [1, 1, 2, 3]
