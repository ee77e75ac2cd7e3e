"""The sample practice has what the demo promises (issue 2, point 1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from fhir_facade.sandbox.athenahealth import Simulator
from fhir_facade.sandbox.sample import sample_world
from fhir_facade.sandbox.sample.world import GROUPS, PRACTICE
from tests.sandbox.conftest import Api

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def sample() -> Iterator[Api]:
    with Simulator(sample_world(lambda: NOW)) as simulator, requests.Session() as session:
        api = Api(simulator, session)
        api.sign_in()
        yield api


def patient(sample: Api, number: str) -> dict[str, Any]:
    query = dict.fromkeys(("showbalancedetails", "showallclaims", "showpreviouspatientids"), "true")
    (only,) = sample.json(f"/patients/{number}", **query)
    assert isinstance(only, dict)
    return only


def claims(found: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {claim["claimid"]: claim for group in found["claimbalancedetails"] for claim in group["claimdetails"]}


def test_there_are_a_dozen_people_in_two_provider_groups(sample: Api) -> None:
    practice = sample.simulator.world.practice(PRACTICE)
    assert len(practice.patients) + len(practice.merged) == 12
    assert {department.group for department in practice.departments.values()} == set(GROUPS) == {"1", "2"}


def test_departments_lie_in_three_time_zones_one_without_daylight_saving(sample: Api) -> None:
    rows = sample.json("/departments", showalldepartments="true")["departments"]
    assert {row["timezonename"] for row in rows} == {"US/Eastern", "US/Central", "US/Mountain"}
    assert [row["departmentid"] for row in rows if row["doesnotobservedst"] == "true"] == ["142"]


def test_one_person_has_bills_in_both_provider_groups(sample: Api) -> None:
    groups = patient(sample, "1001")["claimbalancedetails"]
    assert [(group["providergroupid"], len(group["claimdetails"])) for group in groups] == [(1, 3), (2, 1)]


def test_bills_are_owed_settled_pending_in_collections_on_a_plan_and_in_credit(sample: Api) -> None:
    anna, marcus, grace = (patient(sample, number) for number in ("1001", "1002", "1003"))
    assert (claims(anna)[9301]["patientbalance"], claims(anna)[9303]["patientbalance"]) == (85.5, 0)
    assert sample.json("/claims/9302")["primaryinsurancepayer"]["status"] == "HOLD"
    assert marcus["balances"][0]["collectionsbalance"] == "412.37"
    assert grace["balances"][0]["paymentplanbalance"] == "600"
    assert (claims(grace)[9311]["cleanbalance"], claims(grace)[9312]["cleanbalance"]) == (False, True)
    assert claims(patient(sample, "1012"))[9344]["patientbalance"] == -12.5


def test_a_credit_of_978_dollars_stands_over_claims_at_zero(sample: Api) -> None:
    tomas = patient(sample, "1004")
    assert tomas["balances"][0]["balance"] == "-978.7"
    assert {claim["patientbalance"] for claim in claims(tomas).values()} == {0}


def test_each_claims_charges_add_up_to_it(sample: Api) -> None:
    for claim in sample.simulator.world.practice(PRACTICE).claims.values():
        assert sum(Decimal(charge.amount) for charge in claim.charges) == Decimal(claim.amount), claim.number


def test_receipts_have_every_type_and_sixteen_cents(sample: Api) -> None:
    receipts = sample.json("/patients/1001/receipts", departmentid="1")
    assert {row["type"] for row in receipts} == {"PURCHASE", "VOID", "VOIDPURCHASE", "AUTHORIZATION"}
    assert sample.json("/patients/1008/receipts", departmentid="21")[0]["amount"] == ".16"


def test_receipts_and_transactions_join_on_the_epayment(sample: Api) -> None:
    receipts = {row["epaymentid"] for row in sample.json("/patients/1001/receipts", departmentid="1")}
    paid = {
        str(transaction["epaymentid"])
        for claim in claims(patient(sample, "1001")).values()
        for charge in claim["chargeleveldetail"]
        for transaction in charge.get("transactions", [])
        if "epaymentid" in transaction
    }
    assert paid == {"3800", "3801"}
    assert paid < receipts


def test_visits_are_past_missed_cancelled_and_to_come(sample: Api) -> None:
    every = sample.json("/patients/1001/appointments", showpast="true", showcancelled="true")["appointments"]
    future = sample.json("/patients/1001/appointments")["appointments"]
    assert {row["appointmentstatus"] for row in every} == {"f", "x", "3", "4"}
    assert [row["copay"] for row in future] == [20, 45]


def test_a_merged_number_answers_with_the_patient_in_force(sample: Api) -> None:
    helen = patient(sample, "1005")
    assert (helen["patientid"], helen["previouspatientids"]) == ("1006", ["1005"])
    assert set(claims(helen)) == {9330, 9331}


def test_a_restricted_patient_is_not_found(sample: Api) -> None:
    assert sample.get("/patients/1007", confidentialitycode="N").status_code == 404


def test_every_world_is_a_new_one() -> None:
    first, second = sample_world(), sample_world()
    first.practice(PRACTICE).remove_claim(9301)
    assert "9301" in second.practice(PRACTICE).claims
