"""A visit as an Appointment: its times, and whether it can be paid for in advance (production rules, E1)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_facade.mappers.judge import Unrenderable
from fhir_facade.mappers.scene import Scene
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import Visit, VisitState
from tests.mappers.cases import BOOKED, CLINIC_SCENE, NEW_YORK, NOW, SCENE, changed


def render(visit: Visit, scene: Scene = SCENE) -> dict[str, Any]:
    return MAPPERS["Appointment"].body(visit, scene)


def prepay(visit: Visit, scene: Scene = SCENE) -> dict[str, Any]:
    """What the prepay extension says, by its parts."""
    [extension] = render(visit, scene)["extension"]
    return {part["url"]: part.get("valueBoolean", part.get("valueMoney")) for part in extension["extension"]}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (VisitState.BOOKED, "booked"),
        (VisitState.CHECKED_IN, "checked-in"),
        (VisitState.FULFILLED, "fulfilled"),
        (VisitState.CANCELLED, "cancelled"),
        (VisitState.NO_SHOW, "noshow"),
    ],
)
def test_a_visits_state_is_its_status(state: VisitState, status: str) -> None:
    assert render(changed(BOOKED, state=state))["status"] == status


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (dt.datetime(2026, 3, 8, 1, 50, tzinfo=NEW_YORK), "2026-03-08T03:20:00-04:00"),  # the clock leaps an hour
        (dt.datetime(2026, 11, 1, 1, 50, tzinfo=NEW_YORK), "2026-11-01T01:20:00-05:00"),  # the hour comes twice
        (dt.datetime(2026, 12, 1, 23, 50, tzinfo=dt.UTC), "2026-12-02T00:20:00Z"),
    ],
)
def test_the_end_is_so_many_minutes_later_whatever_the_clocks_do(start: dt.datetime, end: str) -> None:
    assert render(changed(BOOKED, start=start, minutes=30))["end"] == end


@pytest.mark.parametrize("minutes", [None, 0, -5])
def test_an_unknown_length_is_said_to_be_unknown(minutes: int | None) -> None:
    body = render(changed(BOOKED, minutes=minutes))
    assert ("end" in body, "minutesDuration" in body) == (False, False)
    assert body["_end"]["extension"][0]["valueCode"] == "unknown"


def test_a_day_without_a_time_is_no_instant() -> None:
    body = render(changed(BOOKED, start=dt.date(2026, 12, 1)))
    assert {"start", "end"} & set(body) == set()
    assert body["_start"]["extension"] == body["_end"]["extension"]
    assert body["requestedPeriod"] == [{"start": "2026-12-01", "end": "2026-12-01"}]


def test_participants_are_the_patient_and_whoever_is_known() -> None:
    everyone = [p["actor"]["reference"] for p in render(BOOKED)["participant"]]
    assert everyone == ["Patient/riverside.1001", "Practitioner/riverside.23", "Location/riverside.150"]
    alone = render(changed(BOOKED, place="", practitioner=""))["participant"]
    assert [(p["actor"]["reference"], p["status"]) for p in alone] == [("Patient/riverside.1001", "accepted")]


def test_a_booked_future_visit_with_a_copay_can_be_prepaid() -> None:
    assert prepay(BOOKED) == {"allowed": True, "amount-due": {"value": Decimal("25.00"), "currency": "USD"}}


@pytest.mark.parametrize(
    "changes",
    [
        {"copay": None},
        {"copay": Decimal("0")},
        {"copay": Decimal("-1")},
        {"chargeable": False},
        {"start": NOW},
        {"start": NOW - dt.timedelta(minutes=1)},
        {"start": (NOW + dt.timedelta(hours=10)).date()},  # it may have begun in the east
        *({"state": state} for state in VisitState if state is not VisitState.BOOKED),
    ],
    ids=str,
)
def test_any_other_visit_cannot_be_prepaid_and_names_no_amount(changes: dict[str, Any]) -> None:
    assert prepay(changed(BOOKED, **changes)) == {"allowed": False}


def test_a_visit_a_minute_ahead_in_its_own_zone_can_be_prepaid() -> None:
    soon = (NOW + dt.timedelta(minutes=1)).astimezone(ZoneInfo("Pacific/Auckland"))
    assert prepay(changed(BOOKED, start=soon))["allowed"] is True


def test_an_authority_without_prepay_says_nothing_of_it() -> None:
    assert "extension" not in render(BOOKED, CLINIC_SCENE)
    assert "extension" not in render(BOOKED, replace(SCENE, authority=replace(SCENE.authority, prepay=False)))


@pytest.mark.parametrize(
    "changes",
    [
        {"start": dt.datetime(2026, 12, 1, 9, 30)},  # noqa: DTZ001
        {"start": dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)},
        {"copay": Decimal("sNaN")},
        {"number": ""},
    ],
    ids=str,
)
def test_what_cannot_be_said_is_refused_in_one_way(changes: dict[str, Any]) -> None:
    with pytest.raises(Unrenderable, match=r"^Appointment is not valid R4 at Appointment"):
        render(changed(BOOKED, **changes))
