"""Local times become instants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from fhir_facade.backends import local_time
from fhir_facade.backends.athenahealth import times


def test_a_time_is_local_to_its_department() -> None:
    start = times.at("07/30/2025", "09:30", local_time.zone("US/Central"))
    assert isinstance(start, dt.datetime)
    assert start.isoformat() == "2025-07-30T09:30:00-05:00"


def test_a_time_that_comes_twice_is_its_first_instant() -> None:
    start = times.at("11/02/2025", "01:30", times.EASTERN)
    assert start == dt.datetime(2025, 11, 2, 5, 30, tzinfo=dt.UTC)


def test_a_time_that_never_comes_is_the_next_that_does() -> None:
    start = times.at("03/09/2025", "02:30", times.EASTERN)
    assert isinstance(start, dt.datetime)
    assert start.isoformat() == "2025-03-09T03:00:00-04:00"


def test_a_place_without_daylight_saving_keeps_its_offset_in_summer() -> None:
    arizona = times.without_saving(local_time.zone("US/Mountain"))
    start = times.at("07/30/2025", "07:30", arizona)
    assert isinstance(start, dt.datetime)
    assert start.isoformat() == "2025-07-30T07:30:00-07:00"


def test_a_date_without_a_time_stays_a_date() -> None:
    assert times.at("07/30/2025", None, times.EASTERN) == dt.date(2025, 7, 30)
    assert times.eastern("07/30/2025") == dt.date(2025, 7, 30)


def test_receipts_are_in_eastern_time_with_and_without_seconds() -> None:
    assert times.eastern("07/09/2025 11:40:34") == dt.datetime(2025, 7, 9, 15, 40, 34, tzinfo=dt.UTC)
    assert times.eastern("01/02/2019 00:00") == dt.datetime(2019, 1, 2, 5, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "read", [lambda: times.at("12/31/9999", "23:59", times.EASTERN), lambda: times.eastern("02/30/2025")]
)
def test_what_is_no_instant_is_a_value_error(read: Callable[[], object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the caller names the path
        read()
