"""When content was first seen: stable, agreed on, whole seconds."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_facade.state.database import Database
from fhir_facade.state.sightings import Sightings
from tests.state.conftest import at_once, opened

MORNING = dt.datetime(2026, 3, 1, 8, 0, 0, tzinfo=dt.UTC)
NOON = MORNING + dt.timedelta(hours=4)
EVENING = NOON + dt.timedelta(hours=8)


def item(name: str, content: str) -> tuple[bytes, bytes]:
    return blake2b(name.encode(), digest_size=16).digest(), blake2b(content.encode(), digest_size=16).digest()


def test_content_keeps_the_moment_it_was_first_seen(database: Database) -> None:
    sightings = Sightings(database)
    assert sightings.first_seen([item("bill", "owed")], MORNING) == [MORNING]
    assert sightings.first_seen([item("bill", "owed")], NOON) == [MORNING]


def test_changed_content_is_seen_anew_and_so_is_what_comes_back(database: Database) -> None:
    sightings = Sightings(database)
    sightings.first_seen([item("bill", "owed")], MORNING)
    assert sightings.first_seen([item("bill", "settled")], NOON) == [NOON]
    assert sightings.first_seen([item("bill", "owed")], EVENING) == [EVENING]


def test_the_answers_stand_in_the_order_of_the_questions(database: Database) -> None:
    sightings = Sightings(database)
    sightings.first_seen([item("b", "1"), item("d", "1")], MORNING)
    asked = [item("d", "2"), item("a", "1"), item("b", "1"), item("c", "1")]
    assert sightings.first_seen(asked, NOON) == [NOON, NOON, MORNING, NOON]


def test_nothing_asked_nothing_answered(database: Database) -> None:
    assert Sightings(database).first_seen([], MORNING) == []


def test_moments_are_whole_seconds_in_utc_like_http_dates(database: Database) -> None:
    west = dt.timezone(dt.timedelta(hours=-5))
    moment = dt.datetime(2026, 3, 1, 3, 0, 0, 999_999, tzinfo=west)
    (seen,) = Sightings(database).first_seen([item("bill", "owed")], moment)
    assert seen == MORNING
    assert (seen.tzinfo, seen.microsecond) == (dt.UTC, 0)


def test_workers_that_see_the_same_content_at_once_agree(shared_url: str) -> None:
    bills = [item(f"bill {n}", "owed") for n in range(300)]

    def see(number: int) -> list[dt.datetime]:
        with opened(shared_url) as database:
            asked = bills if number % 2 else bills[::-1]
            seen = Sightings(database).first_seen(asked, MORNING + dt.timedelta(seconds=number))
            return seen if number % 2 else seen[::-1]

    answers = at_once(4, see)
    assert all(answer == answers[0] for answer in answers)
    with opened(shared_url) as database:
        assert Sightings(database).first_seen(bills, EVENING) == answers[0]


def test_more_resources_than_one_question_holds(database: Database) -> None:
    sightings, bills = Sightings(database), [item(f"bill {n}", "owed") for n in range(5_003)]
    assert sightings.first_seen(bills, MORNING) == [MORNING] * len(bills)
    assert sightings.first_seen(bills, NOON) == [MORNING] * len(bills)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz")), max_size=8))
def test_the_rule_in_plain_python_gives_the_same_moments(visits: list[dict[str, str]]) -> None:
    kept: dict[str, tuple[str, dt.datetime]] = {}
    with opened("sqlite:///:memory:") as database:
        sightings = Sightings(database)
        for hours, visit in enumerate(visits):
            now = MORNING + dt.timedelta(hours=hours)
            for name, content in visit.items():
                if kept.get(name, ("", now))[0] != content:
                    kept[name] = (content, now)
            seen = sightings.first_seen([item(name, content) for name, content in visit.items()], now)
            assert seen == [kept[name][1] for name in visit]


def test_writers_that_wait_for_one_turn_are_written_together_and_each_has_its_own(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'together.db'}")
    database.create()
    sightings, together = Sightings(database), threading.Barrier(16)

    def write(number: int) -> list[dt.datetime]:
        items = [(bytes([number, index] * 8), bytes([index] * 16)) for index in range(5)] + [(b"s" * 16, b"d" * 16)]
        together.wait()
        return sightings.first_seen(items, dt.datetime(2026, 1, 1, 0, 0, number, tzinfo=dt.UTC))

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(write, range(16)))
    for number, seen in enumerate(found):
        assert seen[:5] == [dt.datetime(2026, 1, 1, 0, 0, number, tzinfo=dt.UTC)] * 5
    assert len({seen[5] for seen in found}) == 1  # the shared one: whoever was first has said when
    database.close()
