"""Claims become bills: production rule C, row by row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.athenahealth.bills import bills
from fhir_facade.backends.athenahealth.claims import own_claims
from fhir_facade.backends.athenahealth.persons import chart
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import AccountLink, Bill, BillState
from tests.backends.athenahealth.payloads import (
    Json,
    Surprises,
    charge,
    claim_balance,
    listed_claim,
    names,
    paid_claim,
    patient,
    the_chart,
    transaction,
)

HOLD = {"primarypatientinsuranceid": 1442, "status": "HOLD"}
NOBODY = {"primarypatientinsuranceid": 0, "status": "HOLD"}


def one(balance: Json | None, claim: Json | None, **more: Any) -> Bill:
    """The bill of a claim that is known by its balance, by its row in ``/claims``, or by both."""
    found = the_chart(*([balance] if balance else []))
    rows = own_claims(found, [claim] if claim else [], Surprises())
    [bill] = bills(found, rows, names(), Surprises(), **more)
    return bill


@pytest.mark.parametrize(
    ("balance", "claim", "state"),
    [
        ("85.5", {}, BillState.OWED),
        ("85.5", {"primaryinsurancepayer": HOLD}, BillState.OWED),
        ("85.5", None, BillState.OWED),
        (Decimal("-12.5"), {}, BillState.CREDIT),
        (Decimal("-12.5"), None, BillState.CREDIT),
        (0, {}, BillState.SETTLED),
        ("0", {}, BillState.SETTLED),
        (0, {"primaryinsurancepayer": NOBODY}, BillState.SETTLED),
        (0, {"primaryinsurancepayer": HOLD}, BillState.PENDING),
        (0, {"secondaryinsurancepayer": {"secondarypatientinsuranceid": 7, "status": "BILLED"}}, BillState.PENDING),
        (0, {"patientpayer": {"status": "HOLD"}}, BillState.PENDING),
        (0, {"patientpayer": None}, BillState.PENDING),
        (0, {"primaryinsurancepayer": None}, BillState.PENDING),
        (0, {"primaryinsurancepayer": {"primarypatientinsuranceid": 1442}}, BillState.PENDING),
        (0, None, BillState.PENDING),
        (None, {}, BillState.PENDING),
    ],
)
def test_the_state_of_a_bill(balance: Any, claim: Json | None, state: BillState) -> None:
    listed = None if claim is None else listed_claim(**claim)
    assert one(claim_balance(patientbalance=balance), listed).state is state


@pytest.mark.parametrize(
    ("balance", "clean", "collectable"),
    [
        ("85.5", True, True),
        ("85.5", "true", True),
        ("85.5", False, False),
        ("85.5", "false", False),
        ("85.5", None, False),
        (0, True, False),
        (-5, True, False),
    ],
)
def test_only_a_clean_debt_can_be_collected(balance: Any, clean: Any, collectable: bool) -> None:
    bill = one(claim_balance(patientbalance=balance, cleanbalance=clean), listed_claim())
    assert bill.collectable is collectable


def test_a_site_can_say_that_clean_means_the_opposite() -> None:
    tied_up = one(claim_balance(patientbalance=5, cleanbalance=True), None, clean_is_collectable=False)
    free = one(claim_balance(patientbalance=5, cleanbalance=False), None, clean_is_collectable=False)
    unknown = one(claim_balance(patientbalance=5, cleanbalance=None), None, clean_is_collectable=False)
    assert (tied_up.collectable, free.collectable, unknown.collectable) == (False, True, False)


def test_amounts_are_those_that_are_stated_and_no_others() -> None:
    bill = one(claim_balance(amount=Decimal("777.67"), patientbalance=Decimal("85.5")), listed_claim())
    assert (bill.billed, bill.due) == (Decimal("777.67"), Decimal("85.5"))
    assert (bill.insurance_paid, bill.insurance_pending, bill.adjusted, bill.patient_paid) == (None,) * 4


def test_absent_amounts_stay_unknown() -> None:
    bill = one(claim_balance(amount=None, patientbalance=None), listed_claim())
    assert (bill.billed, bill.due) == (None, None)


def test_what_the_patient_paid_is_what_the_listed_payments_come_to() -> None:
    insurers = transaction(2, -90, transfertype="1")
    moved = transaction(3, -40, type="TRANSFEROUT")
    bill = one(paid_claim(9301, transaction(1, "-5"), insurers, moved, transaction(4, "-.16")), None)
    assert bill.patient_paid == Decimal("5.16")


def test_dates_come_from_both_calls() -> None:
    bill = one(claim_balance(servicedate="06/22/2025"), listed_claim(claimcreateddate="06/23/2025"))
    assert (bill.created, bill.service_date, bill.due_date) == (dt.date(2025, 6, 23), dt.date(2025, 6, 22), None)
    assert one(claim_balance(), None).created is None


def test_a_bill_belongs_to_its_provider_group_and_department() -> None:
    assert one(claim_balance(departmentid=21), None).parts == {"provider_group": "1", "departments": "21"}


def test_a_claim_without_a_balance_is_pending_in_the_group_of_its_department() -> None:
    bill = one(None, listed_claim(departmentid=62, chargeamount=".01"))
    assert (bill.state, bill.due, bill.collectable) == (BillState.PENDING, None, False)
    assert bill.billed == Decimal(".01")
    assert bill.parts == {"provider_group": "2", "departments": "62"}
    assert [line.description for line in bill.charges] == ["AS BILLED"]


def test_a_bill_names_its_account_only_where_the_group_has_a_balance() -> None:
    there = the_chart(claim_balance())
    not_there = the_chart(claim_balance(), group=2)
    [with_account] = bills(there, {}, names(), Surprises())
    [without] = bills(not_there, {}, names(), Surprises())
    assert with_account.account == AccountLink(number="1001-1", parts={"provider_group": "1"})
    assert without.account is None


def test_a_bill_names_only_listed_places_and_practitioners() -> None:
    listed = one(claim_balance(departmentid=1), listed_claim(billedproviderid=27))
    hidden = one(claim_balance(departmentid=999, supervisingproviderid=5), listed_claim(billedproviderid=5))
    assert (listed.place, listed.practitioner) == ("1", "27")
    assert (hidden.place, hidden.practitioner) == ("", "")


def test_another_patients_claim_is_dropped_and_told() -> None:
    surprises = Surprises()
    claims = own_claims(the_chart(), [listed_claim(1), listed_claim(2, patient=1002)], surprises)
    assert list(claims) == ["1"]
    assert surprises == ["$.claims[1].patientid"]


def test_bills_of_a_merged_number_carry_the_number_in_force() -> None:
    found = the_chart(claim_balance(9301), asked="900")
    claims = own_claims(found, [listed_claim(9301), listed_claim(9302, patient=900)], Surprises())
    mapped = bills(found, claims, names(), Surprises())
    assert {bill.number: bill.patient for bill in mapped} == {"9301": "1001", "9302": "1001"}


def test_a_claim_that_comes_twice_is_one_bill_and_told() -> None:
    surprises = Surprises()
    mapped = bills(the_chart(claim_balance(1), claim_balance(1)), {}, names(), surprises)
    assert [bill.number for bill in mapped] == ["1"]
    assert surprises == ["$[0].claimbalancedetails[0].claimdetails[1]"]


def test_a_date_that_does_not_exist_is_named_by_its_row() -> None:
    with pytest.raises(UnexpectedShape) as raised:
        one(claim_balance(servicedate="02/30/2025"), None)
    assert raised.value.path == "$[0].claimbalancedetails[0].claimdetails[0]"


def test_a_patient_without_claims_has_no_bills() -> None:
    found = chart([patient(claimbalancedetails=None)], "1001")
    assert found is not None
    assert bills(found, {}, names(), Surprises()) == ()


def test_lines_are_joined_with_procedures_by_charge_id() -> None:
    bare = charge(72801, amount=None, procedurecode=None, procedurecodesubmitted=None, description=None)
    [line] = one(claim_balance(chargeleveldetail=[bare]), listed_claim()).charges
    assert (line.amount, line.code, line.description) == (Decimal("225"), "99213", "AS BILLED")


def test_a_line_has_its_code_and_modifiers_apart() -> None:
    [line] = one(claim_balance(), None).charges
    assert (line.code, line.modifiers, line.amount) == ("99213", ("25", "59"), Decimal(225))
    assert line.date == dt.date(2025, 6, 22)


def test_modifiers_are_found_where_only_they_are_said() -> None:
    [line] = one(claim_balance(chargeleveldetail=[charge(procedurecodesubmitted=None)]), None).charges
    assert (line.code, line.modifiers) == ("99213", ("25", "59"))


def test_a_drug_code_is_not_called_cpt() -> None:
    [line] = one(claim_balance(chargeleveldetail=[charge(procedurecode="J1100")]), None).charges
    assert line.code_system == "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


def test_a_line_whose_amount_nobody_states_is_no_line() -> None:
    assert one(claim_balance(chargeleveldetail=[charge(1, amount=None)]), None).charges == ()
