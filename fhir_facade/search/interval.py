"""The time that a FHIR date, dateTime, instant or Period covers.  https://hl7.org/fhir/R4/datatypes.html#dateTime

An interval is (low, high): microseconds since 1970 in UTC, high excluded.  A date is its whole day, a month its whole
month, a time its minute, second or fraction.  What has no zone is taken in UTC, in queries and in resources alike.
Fractions finer than a microsecond are cut off.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import isleap, monthrange
from functools import lru_cache

Interval = tuple[int, int]

BEFORE_ALL, AFTER_ALL = -(2**62), 2**62
SECOND = 1_000_000

_DAY = 86_400 * SECOND
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DATE = re.compile(
    r"""([0-9]{4})
        (?: -(0[1-9]|1[0-2])
            (?: -(0[1-9]|[12][0-9]|3[01])
                (?: T([01][0-9]|2[0-3]):([0-5][0-9])
                    (?: :([0-5][0-9]|60) (?: \.([0-9]{1,18}) )? )?
                    ( Z | [+\ -](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00) )?
                )?
            )?
        )?""",
    re.VERBOSE,
)


@lru_cache(maxsize=8192)
def interval(text: str) -> Interval:
    """The time that ``text`` covers; ``ValueError`` if it is no date.

    A zone may begin with a blank: that is how a ``+`` arrives which was not percent-encoded.
    """
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError("not a date")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    low = (dt.date(int(year), int(month or 1), int(day or 1)).toordinal() - _EPOCH) * _DAY
    if not hour:
        return low, low + _days(int(year), month, day) * _DAY
    low += (int(hour) * 3600 + int(minute) * 60 + int(second or 0) - _offset(zone)) * SECOND
    if not second:
        return low, low + 60 * SECOND
    low += int((fraction or "")[:6].ljust(6, "0"))
    return low, low + _width(fraction or "")


def _days(year: int, month: str | None, day: str | None) -> int:
    if day:
        return 1
    if month:
        return monthrange(year, int(month))[1]
    return 366 if isleap(year) else 365


def _width(fraction: str) -> int:
    """Microseconds that a second with this fraction covers."""
    return int("1".ljust(7 - min(len(fraction), 6), "0"))


def _offset(zone: str | None) -> int:
    """Seconds east of Greenwich."""
    if zone is None or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:]) * 60
    return -seconds if zone[0] == "-" else seconds
