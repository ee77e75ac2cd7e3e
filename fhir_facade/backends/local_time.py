"""Local times become instants, by one rule for every source that tells times without an offset.

A local time that comes twice (the end of daylight saving) is its first instant; one that never comes (the start) is the
next full minute that does.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MINUTE = dt.timedelta(minutes=1)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The time zone of this name (``US/Eastern``); ``ValueError`` if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("unknown time zone") from None


def instant(local: dt.datetime, where: dt.tzinfo) -> dt.datetime:
    """A local time (without a zone) as an instant with its offset; ``ValueError`` at the edges of the calendar."""
    try:
        while not _comes(local, where):
            local = local.replace(second=0, microsecond=0) + _MINUTE
    except OverflowError:
        raise ValueError("no instant of the years 1 to 9999") from None
    offset = local.replace(tzinfo=where, fold=0).utcoffset()
    return local.replace(tzinfo=dt.timezone(offset or dt.timedelta()), fold=0)


def _comes(local: dt.datetime, where: dt.tzinfo) -> bool:
    aware = local.replace(tzinfo=where, fold=0)
    return aware.astimezone(dt.UTC).astimezone(where).replace(tzinfo=None) == local
