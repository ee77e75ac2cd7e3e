"""JSON keeps the digits of numbers, and times keep their offsets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import wire

EXACT = ["12.50", "0.10", "-978.7", "100000000000000.01", "1E+3", "0.00", "123456789012345678901234567890.123"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def digits(value: Any) -> Any:
    """The value with numbers as their texts, so that 12.5 and 12.50 differ."""
    if isinstance(value, dict):
        return {key: digits(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [digits(inner) for inner in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    whole = isinstance(value, Decimal) and value == value.to_integral_value() and "E" not in str(value)
    return str(int(value)) if whole and "." not in str(value) else str(value)


@pytest.mark.parametrize("number", EXACT)
def test_a_number_leaves_as_it_came(number: str) -> None:
    assert wire.encode({"value": Decimal(number)}) == b'{"value":%s}' % number.encode()
    assert str(wire.decode(wire.encode(Decimal(number)))) == number


def test_a_number_without_a_leading_zero_becomes_json() -> None:
    assert wire.encode(Decimal(".16")) == b"0.16"


def test_whole_numbers_stay_integers() -> None:
    assert [type(value) for value in wire.decode(b"[1, 1.0, 1e2, 98765432109876543210]")] == [
        int,
        Decimal,
        Decimal,
        int,
    ]


def test_keys_keep_their_order() -> None:
    assert wire.encode({"resourceType": "Invoice", "id": "1", "a": 0}) == b'{"resourceType":"Invoice","id":"1","a":0}'


@given(VALUES)
def test_what_is_written_is_read_back_digit_by_digit(value: Any) -> None:
    assert digits(wire.decode(wire.encode(value))) == digits(value)


@given(VALUES)
def test_pretty_json_is_the_same_json(value: Any) -> None:
    assert digits(wire.decode(wire.pretty(wire.encode(value)))) == digits(value)


def test_pretty_json_is_indented_and_keeps_numbers() -> None:
    assert wire.pretty(b'{"value":12.50}') == b'{\n  "value": 12.50\n}'


@pytest.mark.parametrize("raw", [b"", b"{", b"NaN", b"{'a':1}", b"\xff"])
def test_no_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        wire.decode(raw)
    assert isinstance(refused.value, msgspec.DecodeError | UnicodeDecodeError)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC), "2026-01-02T03:04:05Z"),
        (dt.datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=dt.UTC), "2026-01-02T03:04:05.000600Z"),
        (dt.datetime(2026, 7, 2, 3, 4, tzinfo=ZoneInfo("America/New_York")), "2026-07-02T03:04:00-04:00"),
        (dt.datetime(2026, 1, 2, 3, 4, tzinfo=ZoneInfo("Europe/London")), "2026-01-02T03:04:00Z"),
        (dt.datetime(1880, 1, 1, tzinfo=ZoneInfo("America/New_York")), "1880-01-01T04:56:02Z"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=15))), "2026-01-01T09:00:00Z"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.timezone(-dt.timedelta(hours=12))), "2026-01-02T00:00:00-12:00"),
    ],
)
def test_an_instant_keeps_its_offset_where_fhir_can_write_it(value: dt.datetime, written: str) -> None:
    assert wire.instant(value) == wire.date_time(value) == written
    assert dt.datetime.fromisoformat(written) == value


def test_an_instant_without_an_offset_is_refused() -> None:
    for writer in (wire.instant, wire.date_time):
        with pytest.raises(wire.NoOffset):
            writer(dt.datetime(2026, 1, 2, 3, 4))  # noqa: DTZ001


def test_a_day_stays_a_day() -> None:
    assert wire.date_time(dt.date(2026, 1, 2)) == wire.date(dt.date(2026, 1, 2)) == "2026-01-02"
    assert wire.date(dt.datetime(2026, 1, 2, 23, 0, tzinfo=ZoneInfo("America/New_York"))) == "2026-01-02"
    assert wire.date(dt.date(987, 1, 2)) == wire.date_time(dt.date(987, 1, 2)) == "0987-01-02"
