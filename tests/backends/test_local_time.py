"""Local times become instants: the rule that all backends share."""

from __future__ import annotations

import datetime as dt

import pytest

from fhir_facade.backends import local_time

EASTERN = local_time.zone("US/Eastern")


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2025-01-15T09:30:00", "2025-01-15T09:30:00-05:00"),
        ("2025-07-15T09:30:05", "2025-07-15T09:30:05-04:00"),
        ("2025-11-02T01:30:00", "2025-11-02T01:30:00-04:00"),  # comes twice: the first
        ("2025-03-09T02:30:00", "2025-03-09T03:00:00-04:00"),  # never comes: the next that does
        ("2025-03-09T02:00:59.999999", "2025-03-09T03:00:00-04:00"),
        ("2025-03-09T03:00:00", "2025-03-09T03:00:00-04:00"),
    ],
)
def test_a_local_time_is_one_instant(local: str, instant: str) -> None:
    assert local_time.instant(dt.datetime.fromisoformat(local), EASTERN).isoformat() == instant


def test_the_second_of_two_is_not_chosen_even_where_it_is_marked() -> None:
    marked = dt.datetime(2025, 11, 2, 1, 30, fold=1)  # noqa: DTZ001  local time is the subject
    assert local_time.instant(marked, EASTERN) == dt.datetime(2025, 11, 2, 5, 30, tzinfo=dt.UTC)


def test_a_day_that_an_island_left_out_is_the_next_day() -> None:
    left_out = dt.datetime(2011, 12, 30, 12, 0)  # noqa: DTZ001
    assert local_time.instant(left_out, local_time.zone("Pacific/Apia")).isoformat() == "2011-12-31T00:00:00+14:00"


@pytest.mark.parametrize(
    ("local", "where"), [("9999-12-31T23:59:00", "US/Eastern"), ("0001-01-01T00:00", "Asia/Tokyo")]
)
def test_beyond_the_calendar_there_is_no_instant(local: str, where: str) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        local_time.instant(dt.datetime.fromisoformat(local), local_time.zone(where))


@pytest.mark.parametrize("name", ["US/Atlantis", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_time.zone(name)


def test_an_old_name_of_a_zone_is_known_on_slim_systems_too() -> None:
    assert local_time.zone("US/Eastern").key == "US/Eastern"
