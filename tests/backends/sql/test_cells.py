"""What a cell of a database becomes, and which cells are refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from fhir_facade.backends.sql import cells
from fhir_facade.backends.sql.cells import Site, Surprise
from fhir_facade.records import BillState

SITE = Site(ZoneInfo("America/New_York"))
CENTS = Site(ZoneInfo("America/New_York"), cents=True)
WINTER, SUMMER = dt.timezone(dt.timedelta(hours=-5)), dt.timezone(dt.timedelta(hours=-4))
state = cells.choice(BillState)


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("12.50", "12.50"),
        (".16", ".16"),
        ("-978.7", "-978.7"),
        (" 5 ", "5"),
        (Decimal("100000000000000.01"), "100000000000000.01"),
        (7, "7"),
    ],
)
def test_amounts_keep_their_digits(cell: Any, read: str) -> None:
    assert repr(cells.amount(cell, SITE)) == repr(Decimal(read))


@pytest.mark.parametrize("cell", [12.5, True, "12,50", "1e3", "NaN", "$5", Decimal("NaN"), Decimal("Infinity"), b"1"])
def test_what_is_no_exact_amount_is_refused(cell: Any) -> None:
    with pytest.raises(Surprise):
        cells.amount(cell, SITE)


def test_a_float_is_refused_with_its_cure() -> None:
    with pytest.raises(Surprise, match=r"CAST\(… AS TEXT\).*amount_unit"):
        cells.amount(12.5, SITE)


@pytest.mark.parametrize(("cell", "read"), [(1250, "12.50"), ("1250", "12.50"), (Decimal("-5"), "-0.05"), (0, "0.00")])
def test_cents_become_the_main_unit(cell: Any, read: str) -> None:
    assert repr(cells.amount(cell, CENTS)) == repr(Decimal(read))


@pytest.mark.parametrize("cell", ["12.50", Decimal("0.5"), 1250.0])
def test_cents_are_whole(cell: Any) -> None:
    with pytest.raises(Surprise):
        cells.amount(cell, CENTS)


def test_an_empty_amount_is_unknown_and_not_zero() -> None:
    assert cells.amount(" ", SITE) is None


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("0012", "0012"),
        ("CHAR    ", "CHAR"),
        (12, "12"),
        (Decimal("12"), "12"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("  ", None),
    ],
)
def test_numbers_are_text_as_the_source_has_it(cell: Any, read: str | None) -> None:
    assert cells.text(cell, SITE) == read


@pytest.mark.parametrize("cell", [12.0, True, Decimal("1.5"), Decimal("NaN"), Decimal("Infinity"), b"12", ["12"]])
def test_what_has_no_one_spelling_is_no_text(cell: Any) -> None:
    with pytest.raises(Surprise):
        cells.text(cell, SITE)


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2026-01-15 09:30", dt.datetime(2026, 1, 15, 9, 30, tzinfo=WINTER)),
        ("2026-07-15T09:30:05", dt.datetime(2026, 7, 15, 9, 30, 5, tzinfo=SUMMER)),
        ("2026-11-01 01:30", dt.datetime(2026, 11, 1, 1, 30, tzinfo=SUMMER)),  # comes twice
        ("2026-03-08 02:30", dt.datetime(2026, 3, 8, 3, 0, tzinfo=SUMMER)),  # never comes
        ("2026-01-15T09:30:00Z", dt.datetime(2026, 1, 15, 9, 30, tzinfo=dt.UTC)),
    ],
)
def test_times_without_an_offset_are_the_sites(local: str, instant: dt.datetime) -> None:
    read = cells.moment(local, SITE)
    assert isinstance(read, dt.datetime)
    assert (read, read.utcoffset()) == (instant, instant.utcoffset())
    assert cells.moment(dt.datetime.fromisoformat(local), SITE) == instant


def test_a_date_without_a_time_stays_a_date() -> None:
    assert cells.moment("2026-01-15", SITE) == dt.date(2026, 1, 15)
    assert type(cells.moment(dt.date(2026, 1, 15), SITE)) is dt.date


@pytest.mark.parametrize("cell", ["2026-01-15 00:00:00", dt.datetime(2026, 1, 15), "2026-01-15"])  # noqa: DTZ001
def test_midnight_of_a_date_column_is_the_date(cell: Any) -> None:
    assert cells.date(cell, SITE) == dt.date(2026, 1, 15)


@pytest.mark.parametrize("cell", ["2026-01-15 09:00", "01/15/2026", "soon", 20260115, 1.5])
def test_what_is_no_date_is_refused(cell: Any) -> None:
    with pytest.raises(Surprise):
        cells.date(cell, SITE)


@pytest.mark.parametrize("cell", ["9999-12-31 23:59:59", "0001-01-01 00:00"])
def test_a_time_beyond_the_calendar_is_refused(cell: str) -> None:
    site = Site(ZoneInfo("America/New_York" if cell.startswith("9") else "Asia/Tokyo"))
    with pytest.raises(Surprise):
        cells.moment(cell, site)


def test_an_instant_needs_its_time() -> None:
    with pytest.raises(Surprise, match="date and time"):
        cells.instant("2026-01-15", SITE)


@pytest.mark.parametrize(
    ("cell", "read"), [(1, True), (0, False), ("T", True), ("no", False), (True, True), ("", None)]
)
def test_truths(cell: Any, read: bool | None) -> None:
    assert cells.truth(cell, SITE) is read


def test_a_doubtful_truth_is_refused() -> None:
    with pytest.raises(Surprise):
        cells.truth(2, SITE)


@pytest.mark.parametrize(("cell", "read"), [(0, False), ("true", True), ("2025-03-02", dt.date(2025, 3, 2))])
def test_deceased_is_a_truth_or_a_day(cell: Any, read: Any) -> None:
    assert cells.deceased(cell, SITE) == read


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("Anna Maria", ("Anna", "Maria")),
        ("Mary Ann, Louise", ("Mary Ann", "Louise")),
        (["Mary Ann", None], ("Mary Ann",)),
        (" ", ()),
    ],
)
def test_given_names(cell: Any, read: tuple[str, ...]) -> None:
    assert cells.given(cell, SITE) == read


def test_lists() -> None:
    assert cells.words("25, 59 RT", SITE) == ("25", "59", "RT")
    assert cells.lines("1 Main Street\r\n\nFlat 2, left", SITE) == ("1 Main Street", "Flat 2, left")


def test_a_state_is_one_of_ours_to_the_letter() -> None:
    assert state("owed  ", SITE) is BillState.OWED
    with pytest.raises(Surprise, match="one of owed, credit, settled, pending, cancelled, mistake") as surprise:
        state("OWED", SITE)
    assert "OWED" not in str(surprise.value)
