"""athenahealth's times become instants: Eastern where it says so, else local to a department.

A date without a time stays a date.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from fhir_facade.backends import local_time
from fhir_facade.backends.athenahealth.scalars import day, text

EASTERN = local_time.zone("US/Eastern")


def without_saving(where: ZoneInfo) -> dt.timezone:
    """The zone's standard time all year, for places in it that never change their clocks (Arizona in US/Mountain)."""
    seasons = (dt.datetime(2024, month, 1, tzinfo=where) for month in (1, 7))
    standard = next((each for each in seasons if not each.dst()), dt.datetime(2024, 1, 1, tzinfo=where))
    return dt.timezone(standard.utcoffset() or dt.timedelta())


def at(date: Any, clock: Any, where: dt.tzinfo) -> dt.datetime | dt.date | None:
    """A US date and ``HH:MM`` or ``HH:MM:SS``; the date alone where there is no time."""
    on, said = day(date), text(clock)
    if on is None or not said:
        return on
    hour, minute, second = (int(part) for part in f"{said}:00".split(":")[:3])
    return local_time.instant(dt.datetime.combine(on, dt.time(hour, minute, second)), where)


def eastern(value: Any) -> dt.datetime | dt.date | None:
    """``MM/DD/YYYY``, alone or with ``HH:MM`` or ``HH:MM:SS``, documented as Eastern time."""
    date, _, clock = text(value).partition(" ")
    return at(date, clock, EASTERN)
