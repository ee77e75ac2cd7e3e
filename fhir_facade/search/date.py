"""Dates, instants and periods: ``[prefix]date``.  https://hl7.org/fhir/R4/search.html#date

An index value is an interval; an open end of a Period is far away, and an instant has no width to speak of.  Prefixes
compare intervals as R4's table of prefixes says: ``eq``: what is asked for contains the value; ``gt`` and ``lt``: the
value reaches above or below it; ``ge`` and ``le``: that, or ``eq``; ``sa`` and ``eb``: the value lies wholly behind or
before it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from fhir_facade.search.interval import AFTER_ALL, BEFORE_ALL, SECOND, Interval, interval
from fhir_facade.search.parameter import Ask, Match, ParameterType, Values, any_of

Test = Callable[[Interval], bool]

COMPARISONS: dict[str, Callable[[int, int], Test]] = {
    "eq": lambda low, high: lambda value: low <= value[0] and value[1] <= high,
    "ne": lambda low, high: lambda value: value[0] < low or high < value[1],
    "gt": lambda low, high: lambda value: value[1] > high,
    "lt": lambda low, high: lambda value: value[0] < low,
    "ge": lambda low, high: lambda value: value[1] > high or (low <= value[0] and value[1] <= high),
    "le": lambda low, high: lambda value: value[0] < low or (low <= value[0] and value[1] <= high),
    "sa": lambda low, high: lambda value: value[0] >= high,
    "eb": lambda low, high: lambda value: value[1] <= low,
}

_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)", re.DOTALL)
_FORMS = "expected a prefix or none, then YYYY, YYYY-MM, YYYY-MM-DD or a date with hh:mm and a zone"


def _match(ask: Ask) -> Match:
    return Match(any_of(tuple(_test(ask, ask.plain(text)) for text in ask.alternatives())))


def _test(ask: Ask, text: str) -> Test:
    prefix, date = _PREFIXED.findall(text)[0]
    try:
        low, high = interval(date)
    except ValueError as mistake:
        raise ask.malformed(_FORMS) from mistake
    if prefix == "ap":
        return lambda value: _near(value, low, high, ask.now())
    return COMPARISONS[prefix or "eq"](low, high)


def _near(value: Interval, low: int, high: int, now: dt.datetime) -> bool:
    """R4 recommends a tenth of the gap between now and the date."""
    present = int(now.timestamp()) * SECOND
    slack = max(low - present, present - high, 0) // 10
    return value[0] < high + slack and value[1] > low - slack


def _whole(text: str) -> Values:
    covered = _covered(text)
    return () if covered is None else (covered,)


def _instant(text: str) -> Values:
    covered = _covered(text)
    if covered is None:
        return ()
    return ((covered[0], covered[0] + 1 if "T" in text else covered[1]),)


def _period(period: dict[str, Any]) -> Values:
    start, end = _covered(period.get("start", "")), _covered(period.get("end", ""))
    if start is None and end is None:
        return ()
    return ((start[0] if start else BEFORE_ALL, end[1] if end else AFTER_ALL),)


def _covered(text: str) -> Interval | None:
    """The interval of an element; one that is no date has no value to compare."""
    try:
        return interval(text)
    except ValueError:
        return None


DATE = ParameterType(
    name="date",
    readers={"date": _whole, "dateTime": _whole, "instant": _instant, "Period": _period},
    match=_match,
    rank=lambda value: value[0],
    restore=int,
)
