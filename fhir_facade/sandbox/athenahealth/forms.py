"""How scalars are written: mixed as recorded, or with the practice's ``properjsonencoding`` on (reference 5)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
Amount = Decimal | int | str


class Forms:
    """As recorded: the same kind of value is a string here and a number there."""

    proper = False

    def quoted(self, number: str | int | None) -> str | int | None:
        """An integer that was recorded as a string."""
        return None if number is None else str(number)

    def quoted_flag(self, value: bool | None) -> str | bool | None:
        """A boolean that was recorded as a string."""
        return None if value is None else str(value).lower()

    def text_or_zero(self, value: Amount) -> str | int:
        """A balance: a string, but the number 0 when it is nothing."""
        return money_text(value) if Decimal(value) else 0

    def minutes(self, value: int, number: str) -> str | int:
        """A duration: a number in one row and a string in the next."""
        return str(value) if int(number) % 2 else value


class ProperForms(Forms):
    """Booleans and integers are what they are.  Amounts that are documented as strings stay strings (inferred)."""

    proper = True

    def quoted(self, number: str | int | None) -> str | int | None:
        return None if number is None else int(number)

    def quoted_flag(self, value: bool | None) -> str | bool | None:
        return value

    def text_or_zero(self, value: Amount) -> str | int:
        return money_text(value)

    def minutes(self, value: int, number: str) -> str | int:
        return value


def present(**fields: Any) -> dict[str, Any]:
    """The fields that have a value: what is not known is left out, never null."""
    return {name: value for name, value in fields.items() if value is not None}


def integer(number: str | int | None) -> int | None:
    """A number that is always written as a number."""
    return None if number is None else int(number)


def money(value: Amount | None) -> Decimal | None:
    """Dollars as a JSON number: 230, 777.67."""
    return None if value is None else Decimal(_shortest(value))


def money_text(value: Amount) -> str:
    """Dollars as a string: ``9.01``, ``10``, and ``.16`` without the leading zero."""
    text = _shortest(value)
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def optional_money_text(value: Amount | None) -> str | None:
    """``money_text`` of what may be unknown."""
    return None if value is None else money_text(value)


def _shortest(value: Amount) -> str:
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: dt.date | str | None) -> str | None:
    """``MM/DD/YYYY``; a text as it is."""
    return value if value is None or isinstance(value, str) else value.strftime("%m/%d/%Y")


def eastern(value: dt.datetime | str | None) -> str | None:
    """``MM/DD/YYYY HH:MM:SS`` in Eastern time, without an offset; a text as it is."""
    if value is None or isinstance(value, str):
        return value
    return value.astimezone(EASTERN).strftime("%m/%d/%Y %H:%M:%S")
