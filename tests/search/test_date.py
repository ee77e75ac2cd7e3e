"""Date criteria: prefixes over dates, instants and periods, as R4's tables have them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fhir_facade.errors import Invalid
from fhir_facade.search.query import Criterion
from tests.search.conftest import Judge

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")

# asked, value, and the prefixes that find it
POINTS = [
    ("2024-03-15", "2024-03-15", "eq ge le"),
    ("2024-03-15", "2024-03-14", "ne lt le eb"),
    ("2024-03-15", "2024-03-16", "ne gt ge sa"),
    ("2024-03-15", "2024-03-15T10:00:00Z", "eq ge le"),
    ("2024-03-15", "2024-03-15T23:59:59.999Z", "eq ge le"),
    ("2024-03-15", "2024-03-16T00:00:00Z", "ne gt ge sa"),
    ("2024-03-15", "2024-03-15T22:00:00-05:00", "ne gt ge sa"),
    ("2024-03-15", "2024-03", "ne gt lt ge le"),
    ("2024-03-15", "2024", "ne gt lt ge le"),
    ("2024-03", "2024-03-15", "eq ge le"),
    ("2024-03", "2024-04-01", "ne gt ge sa"),
    ("2024", "2024-03-15T10:00:00Z", "eq ge le"),
    ("2024", "2023-12-31T23:59:59Z", "ne lt le eb"),
    ("2024-03-15T10:00Z", "2024-03-15", "ne gt lt ge le"),
    ("2024-03-15T10:00Z", "2024-03-15T10:00:59Z", "eq ge le"),
    ("2024-03-15T10:00Z", "2024-03-15T10:01:00Z", "ne gt ge sa"),
    ("2024-03-15T10:00:00Z", "2024-03-15T10:00:00Z", "eq ge le"),
    ("2024-03-15T10:00:00Z", "2024-03-15T10:00:00.500Z", "eq ge le"),
    ("2024-03-15T10:00:00.500Z", "2024-03-15T10:00:00.500Z", "eq ge le"),
    ("2024-03-15T10:00:00.500Z", "2024-03-15T10:00:00.499Z", "ne lt le eb"),
    ("2024-03-15T05:00-05:00", "2024-03-15T10:00:30Z", "eq ge le"),
    ("2024-03-15T15:30 05:30", "2024-03-15T10:00:30Z", "eq ge le"),
]


@pytest.mark.parametrize(("asked", "value", "finding"), POINTS)
def test_prefixes_on_a_datetime(asked: str, value: str, finding: str, matches: Judge) -> None:
    found = [prefix for prefix in PREFIXES if matches("Invoice", f"date={prefix}{asked}", {"date": value})]

    assert sorted(found) == sorted(finding.split())


PERIODS = [
    ("2013-03-14", ("2013-01-21", None), "ne gt lt ge le"),
    ("2013-03-14", ("2013-03-15", None), "ne gt ge sa"),
    ("2013-03-14", (None, "2013-01-21"), "ne lt le eb"),
    ("2013-03-14", (None, None), ""),
    ("1955", (None, "1960"), "ne gt lt ge le"),
    ("2150", ("2140", None), "ne gt lt ge le"),
    ("2013-03-14", ("2013-03-14", "2013-03-14"), "eq ge le"),
    ("2013-03-14", ("2013-03-01", "2013-03-31"), "ne gt lt ge le"),
    ("2013-03", ("2013-03-01", "2013-03-31"), "eq ge le"),
    ("2013-03-14", ("2013-03-13", "2013-03-14"), "ne lt le"),
    ("2013-03-14", ("2013-03-14", "2013-03-15"), "ne gt ge"),
]


@pytest.mark.parametrize(("asked", "period", "finding"), PERIODS)
def test_prefixes_on_a_period(asked: str, period: tuple[str, str], finding: str, matches: Judge) -> None:
    body = {"servicePeriod": {name: text for name, text in zip(("start", "end"), period, strict=True) if text}}
    found = [prefix for prefix in PREFIXES if matches("Account", f"period={prefix}{asked}", body)]

    assert sorted(found) == sorted(finding.split())


@pytest.mark.parametrize(
    ("asked", "finding"),
    [
        ("2026-12-01", "eq ge le"),
        ("2026-12-01T14:30:00Z", "eq ge le"),
        ("2026-12-01T09:30-05:00", "eq ge le"),
        ("2026-12-01T14:30:00.000Z", "eq ge le"),
        ("2026-12-01T14:30:00.001Z", "ne lt le eb"),
        ("2026-12-01T14:29:59Z", "ne gt ge sa"),
    ],
)
def test_an_instant_has_no_width(asked: str, finding: str, matches: Judge) -> None:
    body = {"start": "2026-12-01T09:30:00-05:00"}
    found = [prefix for prefix in PREFIXES if matches("Appointment", f"date={prefix}{asked}", body)]

    assert sorted(found) == sorted(finding.split())


def test_an_appointment_that_has_only_a_date_covers_the_day(matches: Judge) -> None:
    assert matches("Appointment", "date=2026-12", {"start": "2026-12-01"})
    assert not matches("Appointment", "date=2026-12-01T10:00Z", {"start": "2026-12-01"})


@pytest.mark.parametrize(
    ("asked", "value", "found"),
    [
        ("2026-11-23", "2026-11-23", True),
        ("2026-11-23", "2026-11-24", False),
        ("2026-08-15", "2026-08-08", True),  # today is 2026-11-23: a hundred days ago, so ten days to both sides
        ("2026-08-15", "2026-08-24", True),
        ("2026-08-15", "2026-07-31", False),
        ("2026-08-15", "2026-08-30", False),
        ("2027-03-03", "2027-02-25", True),
        ("2013-03-14", "2015-06-15", False),
    ],
)
def test_ap_is_a_tenth_of_the_gap_between_now_and_the_date(asked: str, value: str, found: bool, matches: Judge) -> None:
    assert matches("Invoice", f"date=ap{asked}", {"date": value}) is found


@pytest.mark.parametrize("code", ["_lastUpdated", "date"])
@pytest.mark.parametrize(
    "value",
    [
        "05",
        "gt",
        "2024-13",
        "2024-02-30",
        "ap",
        "xx2024",
        "GT2024",
        "eqeq2024",
        "2024,13",
        "2024|x",
        "gt 2024",
        "2024T10",
    ],
)
def test_a_malformed_date_is_refused(code: str, value: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Invoice", f"{code}={value}")

    assert (refusal.value.code, refusal.value.expression) == ("value", code)


@pytest.mark.parametrize("modifier", ["exact", "not", "gt", "contains", "text"])
def test_a_date_has_no_modifier_but_missing(modifier: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Invoice", f"date:{modifier}=2024")

    assert refusal.value.code == "not-supported"


def test_commas_are_or(matches: Judge) -> None:
    assert matches("Invoice", "date=2023,2024", {"date": "2024-05-05"})
    assert matches("Invoice", "date=lt2020,gt2023", {"date": "2024-05-05"})
    assert not matches("Invoice", "date=2023,2025", {"date": "2024-05-05"})


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_has_no_date_is_found_by_missing_alone(prefix: str, matches: Judge) -> None:
    assert not matches("Invoice", f"date={prefix}2024", {})
    assert matches("Invoice", "date:missing=true", {})
    assert matches("Invoice", "date:missing=false", {"date": "2024"})


def test_an_element_that_is_no_date_has_no_value(matches: Judge) -> None:
    assert matches("Invoice", "date:missing=true", {"date": "2024-02-30"})
    assert matches("Appointment", "date:missing=true", {"start": "soon"})
