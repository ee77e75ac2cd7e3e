"""The time that a text covers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_facade.search.interval import interval


def micros(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2024", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("2023", "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("2023-12", "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("2024-03-15T10:30Z", "2024-03-15T10:30:00Z", "2024-03-15T10:31:00Z"),
        ("2024-03-15T10:30:15Z", "2024-03-15T10:30:15Z", "2024-03-15T10:30:16Z"),
        ("2024-03-15T10:30:15.5Z", "2024-03-15T10:30:15.500Z", "2024-03-15T10:30:15.600Z"),
        ("2024-03-15T10:30:15.123456Z", "2024-03-15T10:30:15.123456Z", "2024-03-15T10:30:15.123457Z"),
        ("2024-03-15T10:30:15.123456789Z", "2024-03-15T10:30:15.123456Z", "2024-03-15T10:30:15.123457Z"),
        ("2024-03-15T10:30-05:00", "2024-03-15T15:30:00Z", "2024-03-15T15:31:00Z"),
        ("2024-03-15T00:30+05:30", "2024-03-14T19:00:00Z", "2024-03-14T19:01:00Z"),
        ("2024-03-15T00:30 05:30", "2024-03-14T19:00:00Z", "2024-03-14T19:01:00Z"),
        ("2024-03-15T10:30:00+14:00", "2024-03-14T20:30:00Z", "2024-03-14T20:30:01Z"),
        ("2024-03-15T10:30", "2024-03-15T10:30:00Z", "2024-03-15T10:31:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"),
    ],
)
def test_a_text_covers(text: str, low: str, high: str) -> None:
    assert interval(text) == (micros(low), micros(high))


def test_the_last_and_the_first_of_all_days_are_read() -> None:
    assert interval("9999-12-31")[1] == interval("9999")[1] == interval("9999-12")[1]
    assert interval("0001")[0] == interval("0001-01-01T00:00Z")[0]


@pytest.mark.parametrize(
    "text",
    [
        "", "05", "24", "202", "20240", "2024-", "2024-1", "2024-13", "2024-00", "2024-02-30", "2023-02-29", "2024-3-5",
        "2024-03-15T", "2024-03-15T10", "2024-03-15T24:00", "2024-03-15T10:60", "2024-03-15T10:30:61",
        "2024-03-15 10:30", "2024-03-15T10:30:15.", "2024-03-15T10:30z", "2024-03-15T10:30+5:00",
        "2024-03-15T10:30+15:00", "0000",
        "2024-03-15T10:30+0500", "03/15/2024", "23 May 2009", "２０２４", "2024-03-15\n", " 2024", "now", "-2024",
        "2024-03-15T10:30+14:30", "2024Z", "2024-03-15Z",
    ],
)  # fmt: skip
def test_a_text_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|year|day"):
        interval(text)


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(dt.UTC)), st.sampled_from(["minutes", "seconds", "milliseconds", "microseconds"]))
def test_an_instant_lies_in_what_its_text_covers(instant: dt.datetime, precision: str) -> None:
    low, high = interval(instant.isoformat(timespec=precision))
    moment = (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)

    assert low <= moment < high


@settings(deadline=None)
@given(st.dates(), st.integers(-14 * 60, 14 * 60))
def test_a_zone_moves_a_time_by_its_offset(day: dt.date, minutes: int) -> None:
    sign, east = "-" if minutes < 0 else "+", abs(minutes)
    there = interval(f"{day}T12:00{sign}{east // 60:02}:{east % 60:02}")

    assert there[0] == interval(f"{day}T12:00Z")[0] - minutes * 60_000_000
