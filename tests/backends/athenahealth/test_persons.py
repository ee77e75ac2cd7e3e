"""Whose answer it is, and who they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from fhir_facade.backends.athenahealth.persons import chart, person
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import Address, Gender, Person
from tests.backends.athenahealth.payloads import patient, the_chart


def mapped(asked: str = "1001", **fields: Any) -> Person:
    return person(the_chart(asked=asked, **fields), asked)


def test_demographics_are_mapped() -> None:
    ann = mapped(
        middlename="Bea", mobilephone="5555550100", email="ann@example.com", address1="7 Elm Street", city="Riverside",
        state="MA", zip="02110", countrycode="USA",
    )  # fmt: skip
    assert ann == Person(
        number="1001",
        family="Example",
        given=("Ann", "Bea"),
        birth_date=dt.date(1980, 5, 20),
        gender=Gender.FEMALE,
        phone="5555550100",
        email="ann@example.com",
        address=Address(lines=("7 Elm Street",), city="Riverside", state="MA", postal_code="02110", country="USA"),
    )


def test_what_is_not_said_stays_unknown() -> None:
    ann = mapped(dob=None, sex=None)
    assert (ann.birth_date, ann.gender, ann.address, ann.deceased) == (None, None, None, None)


def test_no_guarantor_insurance_or_social_security_number_is_kept() -> None:
    ann = mapped(ssn="*****3333", guarantorlastname="Payer", insurances=[{"insuranceidnumber": "12345"}])
    assert ann == mapped()


@pytest.mark.parametrize("status", ["inactive", "i"])
def test_an_inactive_patient_is_there(status: str) -> None:
    assert not mapped(status=status).active


def test_a_patient_who_has_died_is_there() -> None:
    assert mapped(deceaseddate="10/02/2025").deceased == dt.date(2025, 10, 2)


@pytest.mark.parametrize("hidden", [{"status": "deleted"}, {"status": "d"}, {"confidentialitycode": "R"}])
def test_a_deleted_or_restricted_patient_is_nobody(hidden: dict[str, Any]) -> None:
    assert chart([patient("1001", **hidden)], "1001") is None


def test_an_empty_answer_is_nobody() -> None:
    assert chart([], "1001") is None


def test_two_patients_in_one_answer_are_refused() -> None:
    with pytest.raises(UnexpectedShape):
        chart([patient("1001"), patient("1002")], "1001")


def test_a_returned_number_that_differs_is_a_merge() -> None:
    ann = mapped(asked="900")
    assert ann.number == "1001"
    assert ann.previous == ("900",)


@pytest.mark.parametrize("said", [[{"previouspatientid": "900"}], ["900"], "900", [900]])
def test_numbers_that_were_merged_are_previous(said: Any) -> None:
    assert mapped(previouspatientids=said).previous == ("900",)
    assert mapped(asked="900", previouspatientids=said) == mapped(previouspatientids=said)


def test_a_local_number_of_an_enterprise_practice_is_no_merge() -> None:
    found = chart([patient("5000", localpatientid="1001,1002")], "1001", enterprise=True)
    assert found is not None
    assert found.number == "1001"
    assert found.owns({"patientid": 5000})
    assert found.owns({"patientid": 7, "localpatientid": 1001})
    assert not found.owns({"patientid": 1003})


def test_a_local_number_means_nothing_where_there_is_no_enterprise() -> None:
    found = chart([patient("1001", localpatientid="1002")], "1001")
    assert found is not None
    assert not found.owns({"patientid": 1002})


def test_a_birth_date_that_does_not_exist_is_a_surprise() -> None:
    with pytest.raises(UnexpectedShape):
        mapped(dob="02/30/1980")
