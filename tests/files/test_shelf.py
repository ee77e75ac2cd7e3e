"""The shelf: each file is fetched once in its life, and what is old is only shown as old."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future
from typing import NoReturn

import pytest

from fhir_facade.files.patient_file import FileKey, PatientFile
from fhir_facade.files.shelf import OF_MONEY, Shelf
from fhir_facade.records import Kind

KEY = FileKey("practice", Kind.BILLS, "1001")


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(clock: Clock) -> Shelf:
    return Shelf(1, clock)


def a_file() -> PatientFile:
    return PatientFile(KEY, {}, as_of=dt.datetime(2026, 11, 23, tzinfo=dt.UTC))


def no_fetch() -> NoReturn:
    pytest.fail("fetched once more")


def test_what_came_since_the_caller_looked_is_not_fetched_again(shelf: Shelf) -> None:
    assert shelf.fresh(KEY) is None
    file = a_file()
    shelf.keep(file, life=60, stale=0)  # another caller's fetch has ended
    assert shelf.coming(KEY, no_fetch).result() is file


def test_a_fetch_under_way_is_everybodys(shelf: Shelf) -> None:
    under_way: Future[PatientFile] = Future()
    assert shelf.coming(KEY, lambda: under_way) is under_way
    assert shelf.coming(KEY, no_fetch) is under_way
    under_way.set_result(a_file())
    again: Future[PatientFile] = Future()
    assert shelf.coming(KEY, lambda: again) is again  # it was not kept: its life is over


def test_a_file_is_fresh_then_stale_then_gone(shelf: Shelf, clock: Clock) -> None:
    file = a_file()
    shelf.keep(file, life=60, stale=600)
    assert (shelf.fresh(KEY), shelf.stale(KEY)) == (file, file)
    clock.now += 60
    assert (shelf.fresh(KEY), shelf.stale(KEY)) == (None, file)
    clock.now += 600
    assert (shelf.fresh(KEY), shelf.stale(KEY)) == (None, None)


def test_a_fetch_that_has_ended_is_nobodys_even_before_it_is_cleared_away(shelf: Shelf) -> None:
    """Callbacks run after waiters have their answer: one of them asks anew in the meantime."""
    ended, again = Future[PatientFile](), Future[PatientFile]()
    ended.add_done_callback(lambda _: started.append(shelf.coming(KEY, lambda: again)))
    started: list[Future[PatientFile]] = []
    shelf.coming(KEY, lambda: ended)
    ended.set_result(a_file())
    assert started == [again]
    assert shelf.coming(KEY, no_fetch) is again


def of(kind: Kind, patient: str = "1001", number: str = "") -> PatientFile:
    return PatientFile(
        FileKey("practice", kind, patient), {}, as_of=dt.datetime(2026, 11, 23, tzinfo=dt.UTC), number=number
    )


def test_what_tells_of_a_patients_money_is_dropped_and_nothing_else(shelf: Shelf) -> None:
    money = [of(kind, patient) for kind in OF_MONEY for patient in ("1001", "")]
    others = [of(Kind.PERSONS), of(Kind.PLACES, ""), of(Kind.BILLS, "1002")]
    for file in (*money, *others):
        shelf.keep(file, life=60, stale=60)
    shelf.drop("clinic", "1001")
    assert shelf.fresh(KEY) is not None
    shelf.drop("practice", "1001")
    assert [file.key for file in money if shelf.fresh(file.key) or shelf.stale(file.key)] == []
    assert [file.key for file in others if not shelf.fresh(file.key)] == []


def test_only_the_kinds_that_changed_are_dropped(shelf: Shelf) -> None:
    for kind in OF_MONEY:
        shelf.keep(of(kind), life=60, stale=0)
    shelf.drop("practice", "1001", (Kind.PAYMENTS,))
    assert [kind for kind in OF_MONEY if shelf.fresh(of(kind).key)] == [Kind.BILLS, Kind.ACCOUNTS, Kind.VISITS]


def test_a_fetch_under_way_does_not_bring_back_what_was_dropped(shelf: Shelf) -> None:
    under_way: Future[PatientFile] = Future()
    shelf.coming(KEY, lambda: under_way)
    before = shelf.drops
    shelf.drop("practice", "1001")
    shelf.keep(a_file(), life=60, stale=60, since=before)
    assert shelf.fresh(KEY) is None
    anew: Future[PatientFile] = Future()
    assert shelf.coming(KEY, lambda: anew) is anew
    shelf.keep(a_file(), life=60, stale=0, since=shelf.drops)
    assert shelf.fresh(KEY) is not None


def test_a_merged_patients_other_files_are_dropped_too(shelf: Shelf) -> None:
    old = of(Kind.BILLS, "1008", number="1009")
    before = shelf.drops
    shelf.keep(old, life=60, stale=0)
    shelf.drop("practice", "1009")
    assert shelf.fresh(old.key) is None
    shelf.keep(old, life=60, stale=0, since=before)
    assert shelf.fresh(old.key) is None
