"""The recorded forms of athenahealth's scalars."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade.backends.athenahealth.answers import decode
from fhir_facade.backends.athenahealth.scalars import day, integer, money, numbers, text, truth


@pytest.mark.parametrize(
    ("sent", "dollars"),
    [
        ('"-978.7"', "-978.7"),
        ('".16"', ".16"),
        ('".01"', ".01"),
        ("12.50", "12.50"),
        ("777.67", "777.67"),
        ("0", "0"),
        ("230", "230"),
        ('"9.01"', "9.01"),
        ("100000000000000.01", "100000000000000.01"),
    ],
)
def test_an_amount_arrives_as_it_was_sent(sent: str, dollars: str) -> None:
    amount = money(decode(sent.encode()))
    assert isinstance(amount, Decimal)
    assert amount.as_tuple() == Decimal(dollars).as_tuple()


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_amount_that_was_not_said_is_unknown_and_not_zero(nothing: Any) -> None:
    assert money(nothing) is None


@pytest.mark.parametrize("wrong", ["12,50", "$5", "five", True, 0.1])
def test_what_is_no_amount_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        money(wrong)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_no_amount_goes_through_a_float(amount: Decimal) -> None:
    assert money(decode(f"{amount:f}".encode())) == amount
    assert money(decode(f'"{amount:f}"'.encode())) == amount


@pytest.mark.parametrize(("sent", "said"), [("1", "1"), (1, "1"), (None, ""), (" 21 ", "21"), (Decimal("86.0"), "86")])
def test_a_number_is_the_same_as_text_and_as_number(sent: Any, said: str) -> None:
    assert text(sent) == said


@pytest.mark.parametrize(
    ("sent", "said"),
    [(True, True), ("true", True), ("Y", True), (1, True), ("false", False), (False, False), (None, None), ("", None)],
)
def test_a_truth_has_many_forms_and_unknown_is_none_of_them(sent: Any, said: bool | None) -> None:
    assert truth(sent) is said


@pytest.mark.parametrize(("sent", "said"), [(15, 15), ("10", 10), (None, None), ("", None)])
def test_a_duration_may_be_text_or_absent(sent: Any, said: int | None) -> None:
    assert integer(sent) == said


def test_lists_of_numbers_come_as_text_or_as_array() -> None:
    assert numbers("1,21, 102") == numbers([1, "21", 102]) == ("1", "21", "102")
    assert numbers(None) == ()


def test_dates_are_american() -> None:
    assert day("01/02/2019") == day("01/02/2019 00:00") == dt.date(2019, 1, 2)
    assert day(None) is None


def test_a_date_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="day"):
        day("02/30/2025")
