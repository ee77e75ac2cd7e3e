"""Appointments become visits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.athenahealth.directory import Names
from fhir_facade.backends.athenahealth.visits import visits
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import Visit, VisitState
from tests.backends.athenahealth.payloads import Surprises, appointment, department, names


def one(listed: Names | None = None, **fields: Any) -> Visit:
    [visit] = visits([appointment(**fields)], "1001", listed or names(), Surprises())
    return visit


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("x", VisitState.CANCELLED),
        ("f", VisitState.BOOKED),
        ("2", VisitState.CHECKED_IN),
        (2, VisitState.CHECKED_IN),
        ("3", VisitState.FULFILLED),
        ("4", VisitState.FULFILLED),
    ],
)
def test_the_state_of_a_visit(status: Any, state: VisitState) -> None:
    assert one(appointmentstatus=status).state is state


def test_an_open_slot_is_nobodys_visit() -> None:
    assert visits([appointment(appointmentstatus="o")], "1001", names(), Surprises()) == ()


def test_a_no_show_is_one_only_where_the_source_says_so() -> None:
    assert one(appointmentstatus="x", cancelreasonnoshow="true").state is VisitState.NO_SHOW
    assert one(appointmentstatus="x", cancelreasonnoshow="false").state is VisitState.CANCELLED
    assert one(appointmentstatus="f", date="01/01/2020").state is VisitState.BOOKED


def test_a_visit_is_mapped() -> None:
    assert one() == Visit(
        number="985001",
        parts={"provider_group": "1", "departments": "1"},
        patient="1001",
        state=VisitState.BOOKED,
        start=dt.datetime(2025, 7, 30, 9, 30, tzinfo=dt.timezone(-dt.timedelta(hours=4))),
        minutes=30,
        kind="Established Patient",
        kind_code="82",
        place="1",
        practitioner="27",
        copay=Decimal(20),
    )


def test_a_visit_belongs_to_the_group_of_its_department() -> None:
    assert one(departmentid="62").parts == {"provider_group": "2", "departments": "62"}


def test_a_duration_may_be_text_or_unknown() -> None:
    assert one(duration="10").minutes == 10
    assert one(duration=None).minutes is None


def test_a_copay_that_is_not_said_is_unknown_and_not_zero() -> None:
    assert one(copay=None).copay is None
    assert one(copay=0).copay == Decimal(0)


def test_what_was_collected_is_told_where_it_is_rolled_out_and_never_subtracted() -> None:
    detail = {"insurancecopay": 25, "collectedforappointment": 5, "collectedforother": 0}
    visit = one(copay=20, appointmentcopay=detail)
    assert (visit.copay, visit.collected) == (Decimal(20), Decimal(5))
    assert one(appointmentcopay=["25", "5"]).collected is None


def test_a_visit_that_is_never_billed_is_not_chargeable() -> None:
    assert not one(chargeentrynotrequired="true").chargeable
    assert one(chargeentrynotrequired=False).chargeable


def test_a_date_without_a_time_stays_a_date() -> None:
    assert one(starttime=None).start == one(starttime="").start == dt.date(2025, 7, 30)


def test_clocks_that_are_never_changed() -> None:
    arizona = department("142", zone="US/Mountain", saves_daylight=False)
    visit = one(Names({"142": arizona}, {}), departmentid="142", starttime="07:30")
    assert visit.start == dt.datetime(2025, 7, 30, 14, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", ["US/Atlantis", ""])
def test_an_unknown_zone_is_a_failure_and_not_a_guess(zone: str) -> None:
    with pytest.raises(UnexpectedShape, match="timezonename"):
        one(Names({"1": department("1", zone=zone)}, {}))


def test_a_department_that_is_not_listed_has_no_zone_so_the_date_is_kept_and_told() -> None:
    surprises = Surprises()
    [visit] = visits([appointment(departmentid="999")], "1001", names(), surprises)
    assert visit.start == dt.date(2025, 7, 30)
    assert (visit.place, visit.parts) == ("", {"departments": "999"})
    assert surprises == ["$.appointments[0].departmentid"]


def test_a_row_that_comes_on_two_pages_is_one_visit() -> None:
    assert len(visits([appointment("1"), appointment("1")], "1001", names(), Surprises())) == 1
