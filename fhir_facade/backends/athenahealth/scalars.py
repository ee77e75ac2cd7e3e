"""athenahealth's scalars, read leniently: one field comes as text or number, ``true`` or ``"true"``, or not at all.

The reference (section 5) lists the forms that were recorded.  Absent, null and empty are all "not said": None, or an
empty text.  ``ValueError`` is a scalar that has none of the forms; money never passes through a float.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

_TRUTHS = {"true": True, "y": True, "yes": True, "1": True, "false": False, "n": False, "no": False, "0": False}


def text(value: Any) -> str:
    """A text, a number or nothing, as text."""
    return value.strip() if isinstance(value, str) else "" if value is None else str(value).removesuffix(".0")


def money(value: Any) -> Decimal | None:
    """Dollars, exactly as sent: ``.16``, ``"-978.7"``, 0, ``12.50``."""
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, bool | float):
        raise ValueError("not an amount")  # noqa: TRY004  callers catch one class
    said = text(value)
    try:
        return Decimal(said) if said else None
    except InvalidOperation:
        raise ValueError("not an amount") from None


def integer(value: Any) -> int | None:
    """A whole number: 15, ``"15"``, ``15.0``."""
    said = money(value)
    return None if said is None else int(said)


def truth(value: Any) -> bool | None:
    """``true``, ``"true"``, ``"Y"``, 1 and their opposites; None for anything else."""
    return value if isinstance(value, bool) else _TRUTHS.get(text(value).lower())


def numbers(value: Any) -> tuple[str, ...]:
    """A comma-separated list of numbers, or a JSON array of them."""
    if value is None or value == "":
        return ()
    parts = value if isinstance(value, list) else text(value).split(",")
    return tuple(said for part in parts if (said := text(part)))


def day(value: Any) -> dt.date | None:
    """A US date, ``MM/DD/YYYY``; of a date with a time, the date."""
    said = text(value)
    return _day(said) if said else None


@lru_cache(maxsize=4096)
def _day(said: str) -> dt.date:
    month, of_month, year = said.split(" ", 1)[0].split("/")
    return dt.date(int(year), int(month), int(of_month))
