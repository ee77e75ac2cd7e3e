"""A cell of a database becomes a value of a record: exact, unambiguous, or a surprise.

A reader takes a cell that is not NULL and says ``None`` where the cell says nothing (an empty text).
A ``Surprise`` says what was expected and never what was found: cells hold people's numbers and amounts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fhir_facade.backends import local_time

EXACT = 'an exact amount, not floating point: CAST(… AS TEXT) in the query, or keep cents and set amount_unit = "cents"'
_PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_TRUTHS = {"t": True, "true": True, "y": True, "yes": True, "1": True}
_TRUTHS |= {"f": False, "false": False, "n": False, "no": False, "0": False}


class Surprise(ValueError):
    """A cell that is not what its column promises; the text is what was expected."""


@dataclass(frozen=True)
class Site:
    """What a site says about its database: the zone of times without an offset, and whether amounts are cents."""

    zone: ZoneInfo | None
    cents: bool = False


Reader = Callable[[Any, Site], Any]


def text(cell: Any, site: Site) -> str | None:
    """Text as it is, without the blanks that CHAR columns append; a whole number in digits."""
    if isinstance(cell, str):
        return cell.rstrip(" ") or None
    if isinstance(cell, Decimal) and cell.is_finite() and cell == cell.to_integral_value():
        return str(int(cell))
    if isinstance(cell, int | UUID) and not isinstance(cell, bool):
        return str(cell)
    raise Surprise("text or a whole number")


def part(cell: Any) -> str:
    """The value of a ``select_`` column, as ``select`` in the settings writes it."""
    return str(cell).rstrip(" ")


def amount(cell: Any, site: Site) -> Decimal | None:
    """Money in the main unit: digits stay as they were sent, 12.50 or ``.16``; cents become 12.50."""
    if isinstance(cell, float):
        raise Surprise(EXACT)
    if isinstance(cell, str) and not cell.strip():
        return None
    if isinstance(cell, str) and _PLAIN.fullmatch(cell.strip()):
        cell = Decimal(cell.strip())
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        raise Surprise("an amount in plain digits, 12.50")
    value = Decimal(cell)
    if not value.is_finite():
        raise Surprise("a finite amount")
    return _from_cents(value) if site.cents else value


def _from_cents(value: Decimal) -> Decimal:
    if value != value.to_integral_value():
        raise Surprise('whole cents, because amount_unit = "cents"')
    return Decimal(int(value)).scaleb(-2)


def whole(cell: Any, site: Site) -> int | None:
    """A whole number."""
    said = text(cell, site)
    if said is not None and not re.fullmatch(r"[+-]?[0-9]+", said.strip()):
        raise Surprise("a whole number")
    return None if said is None else int(said)


def truth(cell: Any, site: Site) -> bool | None:
    """A boolean, 0 and 1, or t, true, y, yes and their opposites."""
    said = str(cell).lower() if isinstance(cell, bool) else (text(cell, site) or "").strip().lower()
    if said and said not in _TRUTHS:
        raise Surprise("true or false")
    return _TRUTHS.get(said)


def choice(options: type[Enum]) -> Reader:
    """A reader of an enumeration's values."""
    values = {option.value: option for option in options}

    def read(cell: Any, site: Site) -> Enum | None:
        if cell in ("", None):
            return None
        if not isinstance(cell, str) or cell.rstrip(" ") not in values:
            raise Surprise("one of " + ", ".join(values))
        return values[cell.rstrip(" ")]

    return read


def moment(cell: Any, site: Site) -> dt.datetime | dt.date | None:
    """An instant, or a date where there is no time; a time without an offset is the site's."""
    said = _written(cell)
    if not isinstance(said, dt.datetime) or said.utcoffset() is not None:
        return said
    if site.zone is None:
        raise Surprise("a time with an offset, because settings.timezone is not set")
    try:
        return local_time.instant(said, site.zone)
    except ValueError:
        raise Surprise("a time that has an instant, of the years 1 to 9999") from None


def instant(cell: Any, site: Site) -> dt.datetime | None:
    """A date and time; without an offset it is the site's."""
    said = moment(cell, site)
    if said is None or isinstance(said, dt.datetime):
        return said
    raise Surprise("a date and time")


def date(cell: Any, site: Site) -> dt.date | None:
    """A date; midnight without an offset counts as the date alone."""
    said = _written(cell)
    if not isinstance(said, dt.datetime):
        return said
    if said.timetz() != dt.time():
        raise Surprise("a date without a time")
    return said.date()


def _written(cell: Any) -> dt.datetime | dt.date | None:
    """A date or a date and time as the database has it."""
    if isinstance(cell, dt.date):
        return cell
    if not isinstance(cell, str):
        raise Surprise("a date, or a date and time")
    said = cell.strip()
    try:
        if len(said) == len("2024-01-31"):
            return dt.date.fromisoformat(said)
        return dt.datetime.fromisoformat(said) if said else None
    except ValueError:
        raise Surprise("an ISO 8601 date, or date and time") from None


def deceased(cell: Any, site: Site) -> dt.datetime | dt.date | bool | None:
    """Whether, on which day, or when."""
    if isinstance(cell, bool | int) or (isinstance(cell, str) and cell.strip().lower() in _TRUTHS):
        return truth(cell, site)
    return moment(cell, site)


def words(cell: Any, site: Site) -> tuple[str, ...]:
    """A list: an array, or text that commas or blanks separate."""
    return _listed(cell, site, r"[,\s]+")


def given(cell: Any, site: Site) -> tuple[str, ...]:
    """Names: commas separate them where there are any ("Mary Ann, Louise"), else blanks do ("Anna Maria")."""
    return _listed(cell, site, r"," if "," in str(cell) else r"\s+")


def lines(cell: Any, site: Site) -> tuple[str, ...]:
    """Lines: an array, or text that line breaks separate."""
    return _listed(cell, site, r"[\r\n]+")


def _listed(cell: Any, site: Site, separator: str) -> tuple[str, ...]:
    parts = cell if isinstance(cell, list | tuple) else re.split(separator, text(cell, site) or "")
    return tuple(said.strip() for part in parts if part is not None and (said := text(part, site)) and said.strip())
