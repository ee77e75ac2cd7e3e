"""Who is who, and who acts for whom, on which day."""

from __future__ import annotations

import datetime as dt

import pytest

from fhir_facade.keys import PatientKey
from fhir_facade.state.crosswalk import Crosswalk, Known, Proxy
from fhir_facade.state.database import Database

TODAY = dt.date(2026, 11, 23)
ANNA, ELSEWHERE, OTHER = PatientKey("riverside", "1001"), PatientKey("clinic", "77"), PatientKey("clinic", "1001")


def test_a_person_is_all_their_numbers_and_no_others(database: Database) -> None:
    crosswalk = Crosswalk(database)
    crosswalk.replace([Known("P1", ANNA), Known("P1", ELSEWHERE), Known("P2", OTHER)], [])
    assert crosswalk.numbers("P1") == {ANNA, ELSEWHERE}
    assert (crosswalk.person(ANNA), crosswalk.person(OTHER)) == ("P1", "P2")
    assert (crosswalk.numbers("p1"), crosswalk.person(PatientKey("lakeside", "1001"))) == (frozenset(), None)


def test_an_import_is_all_that_is_known(database: Database) -> None:
    crosswalk = Crosswalk(database)
    crosswalk.replace([Known("P1", ANNA)], [Proxy("P2", "P1", billing=True)])
    crosswalk.replace([Known("P2", ANNA)], [])
    assert (crosswalk.numbers("P1"), crosswalk.person(ANNA)) == (frozenset(), "P2")
    assert crosswalk.acts_for("P2", TODAY) == frozenset()


@pytest.mark.parametrize(
    ("proxy", "holds"),
    [
        (Proxy("P2", "P1", billing=True), True),
        (Proxy("P2", "P1", billing=False), False),
        (Proxy("P2", "P1", billing=True, expires=TODAY), True),
        (Proxy("P2", "P1", billing=True, expires=TODAY - dt.timedelta(days=1)), False),
        (Proxy("P2", "P1", True, None, 18, dt.date(2008, 11, 24)), True),
        (Proxy("P2", "P1", True, None, 18, dt.date(2008, 11, 23)), False),
        (Proxy("P2", "P1", True, None, 18, None), False),
    ],
)
def test_a_proxy_acts_while_their_right_holds(database: Database, proxy: Proxy, holds: bool) -> None:
    crosswalk = Crosswalk(database)
    crosswalk.replace([Known("P1", ANNA)], [proxy])
    assert crosswalk.acts_for("P2", TODAY) == (frozenset({"P1"}) if holds else frozenset())
    assert crosswalk.acts_for("P1", TODAY) == frozenset()


def test_who_was_born_on_a_leap_day_is_a_year_older_on_the_first_of_march() -> None:
    proxy = Proxy("P2", "P1", True, None, 18, dt.date(2008, 2, 29))
    assert proxy.holds(dt.date(2026, 2, 28))
    assert not proxy.holds(dt.date(2026, 3, 1))
