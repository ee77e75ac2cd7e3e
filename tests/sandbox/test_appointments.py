"""Reference 8.4: appointments of a patient, by number, and between dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from fhir_facade.sandbox.athenahealth import AppointmentCopay, Practice
from tests.sandbox.conftest import TODAY, Api


def days(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


@pytest.fixture
def visits(practice: Practice) -> Practice:
    practice.add_visit(1001, 101, date=days(-30), status="3")
    practice.add_visit(1001, 102, date=days(-3))
    practice.add_visit(1001, 103, date=days(5), status="x", cancel_reason="PATIENT CANCELLED", no_show=False)
    practice.add_visit(1001, 104, date=days(9), copay=20)
    return practice


def numbers(api: Api, path: str = "/patients/1001/appointments", **query: Any) -> list[str]:
    return [row["appointmentid"] for row in api.json(path, **query)["appointments"]]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["104"]),
        ({"showpast": "true"}, ["101", "102", "104"]),
        ({"showcancelled": "true"}, ["103", "104"]),
        ({"showpast": "true", "showcancelled": "true"}, ["101", "102", "103", "104"]),
        ({"SHOWPAST": "Y", "SHOWCANCELLED": "Y"}, ["101", "102", "103", "104"]),
        ({"showpast": "N"}, ["104"]),
        ({"showpast": "true", "startdate": "02/20/2026", "enddate": "03/01/2026"}, ["102"]),
    ],
)
def test_a_patients_list_has_the_future_unless_more_is_asked(
    api: Api, visits: Practice, query: dict[str, str], shown: list[str]
) -> None:
    assert numbers(api, **query) == shown


def test_its_rows_are_thin(api: Api, visits: Practice) -> None:
    rows = api.json("/patients/1001/appointments", showcancelled="true")["appointments"]
    assert set(rows[0]) == set(rows[1])
    assert set(rows[0]) == {
        "date", "copay", "duration", "appointmenttypeid", "appointmentid", "appointmenttype", "starttime",
        "patientappointmenttypename", "departmentid", "providerid", "appointmentstatus",
    }  # fmt: skip


def test_a_copay_is_left_out_where_it_is_not_asked_for_or_not_known(api: Api, visits: Practice) -> None:
    visits.add_visit(1001, 105, date=days(10), copay=None)
    first, second = api.json("/patients/1001/appointments")["appointments"]
    assert first["copay"] == 20
    assert "copay" not in second
    assert "copay" not in api.json("/patients/1001/appointments", showcopay="false")["appointments"][0]


def test_a_duration_is_a_number_or_a_string_or_nothing(api: Api, visits: Practice) -> None:
    visits.add_visit(1001, 105, date=days(10))
    visits.add_visit(1001, 106, date=days(11), minutes=None)
    rows = api.json("/patients/1001/appointments")["appointments"]
    assert [row.get("duration") for row in rows] == [30, "30", None]


def test_one_appointment_is_an_array_of_one_that_names_its_patient(api: Api, visits: Practice) -> None:
    visits.visits["104"].copay_detail = AppointmentCopay(25, 5, 0)
    visits.visits["104"].scheduled = dt.datetime(2026, 1, 15, 18, 18, 13, tzinfo=dt.UTC)
    (found,) = api.json("/appointments/104")
    assert (found["patientid"], found["departmentid"], found["providerid"]) == ("1001", "1", "86")
    assert found["appointmentcopay"] == {"insurancecopay": 25, "collectedforappointment": 5, "collectedforother": 0}
    assert found["scheduleddatetime"] == "01/15/2026 13:18:13"


def test_a_cancelled_one_says_why_only_by_its_number(api: Api, visits: Practice) -> None:
    (found,) = api.json("/appointments/103")
    assert (found["cancelreasonname"], found["cancelreasonnoshow"]) == ("PATIENT CANCELLED", "false")


def test_an_open_slot_has_neither_patient_nor_copay(api: Api, visits: Practice) -> None:
    visits.add_visit(None, 107, date=days(4), status="o", copay=None)
    (found,) = api.json("/appointments/107")
    assert not {"patientid", "copay"} & set(found)
    assert "107" not in numbers(api, "/appointments/booked", startdate="03/01/2026", enddate="04/01/2026")


def test_booked_requires_its_dates(api: Api) -> None:
    answer = api.get("/appointments/booked", startdate="03/01/2026")
    assert (answer.status_code, answer.json()["missingfields"]) == (400, ["enddate"])
    assert api.get("/appointments/booked", startdate="2026-03-01", enddate="03/01/2026").status_code == 400


def test_booked_is_filtered_and_leaves_cancelled_ones_out(api: Api, visits: Practice) -> None:
    window = {"startdate": "01/01/2026", "enddate": "12/31/2026"}
    assert numbers(api, "/appointments/booked", **window) == ["101", "102", "104"]
    assert numbers(api, "/appointments/booked", **window, showcancelled="true") == ["101", "102", "103", "104"]
    assert numbers(api, "/appointments/booked", **window, appointmentstatus="3") == ["101"]
    assert numbers(api, "/appointments/booked", **window, patientid="9") == []


def test_booked_hides_restricted_patients(api: Api, visits: Practice) -> None:
    visits.patients["1001"].blocked = True
    assert numbers(api, "/appointments/booked", startdate="01/01/2026", enddate="12/31/2026") == []


@pytest.mark.parametrize("template", ["/appointments/{id}", "/appointments/booked"])
def test_what_is_a_permissioned_rollout_may_be_off_section_1(api: Api, visits: Practice, template: str) -> None:
    visits.not_enabled.add(template)
    answer = api.get(template.replace("{id}", "104"), startdate="01/01/2026", enddate="12/31/2026")
    assert answer.status_code == 403
    assert answer.json()["error"]
    assert numbers(api) == ["104"]
