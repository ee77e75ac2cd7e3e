"""Reference 8.1: ``GET /patients/{id}``, balances, and the claims behind them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.sandbox.athenahealth import Balance, Charge, Practice, Transaction
from tests.sandbox.conftest import Api

DAY = dt.date(2025, 6, 22)


def patient(api: Api, number: str = "1001", **query: Any) -> dict[str, Any]:
    (only,) = api.json(f"/patients/{number}", **query)
    assert isinstance(only, dict)
    return only


def test_a_patient_is_an_array_of_one_with_balances_and_no_claims(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    found = patient(api)
    assert (found["patientid"], found["dob"], found["status"]) == ("1001", "05/20/1980", "active")
    assert [balance["providergroupid"] for balance in found["balances"]] == [1, "2"]
    assert "claimbalancedetails" not in found


def test_what_is_not_known_is_left_out_and_never_null(api: Api) -> None:
    found = patient(api, showbalancedetails="true")
    assert "email" not in found
    assert None not in found.values()


def test_a_balance_is_a_string_and_the_number_zero_in_one_payload(api: Api, practice: Practice) -> None:
    practice.patients["1001"].balances["1"] = Balance("-978.7")
    first, second = patient(api)["balances"]
    assert (first["balance"], first["cleanbalance"]) == ("-978.7", True)
    assert (second["balance"], second["cleanbalance"]) == (0, "true")
    assert (first["departmentlist"], second["departmentlist"]) == ("1,21", "62")


def test_a_balance_says_what_is_in_collections_and_on_a_plan(api: Api, practice: Practice) -> None:
    practice.patients["1001"].balances["1"] = Balance("640", clean=False, collections="40", payment_plan="600")
    balance = patient(api)["balances"][0]
    assert (balance["collectionsbalance"], balance["paymentplanbalance"]) == ("40", "600")
    assert balance["cleanbalance"] is False


def test_a_balance_may_not_say_whether_it_is_clean(api: Api, practice: Practice) -> None:
    practice.patients["1001"].balances["1"] = Balance("1", clean=None)
    assert "cleanbalance" not in patient(api)["balances"][0]


def test_a_group_balance_is_not_the_sum_of_the_claims_quirk_1(api: Api, practice: Practice) -> None:
    practice.patients["1001"].balances["1"] = Balance("-978.7")
    practice.add_claim(1001, 9301, "100", 0)
    found = patient(api, showbalancedetails="true", showallclaims="true")
    assert found["balances"][0]["balance"] == "-978.7"
    assert found["claimbalancedetails"][0]["claimdetails"][0]["patientbalance"] == 0


def test_settled_claims_come_only_with_showallclaims_beside_showbalancedetails(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    practice.add_claim(1001, 9302, "100", 0)

    def claims(**query: str) -> list[int]:
        details = patient(api, **query).get("claimbalancedetails", [])
        return [claim["claimid"] for group in details for claim in group["claimdetails"]]

    assert claims(showallclaims="true") == []
    assert claims(showbalancedetails="true") == [9301]
    assert claims(showbalancedetails="true", showallclaims="true") == [9301, 9302]


def test_claims_come_by_provider_group(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5", department="21")
    practice.add_claim(1001, 9304, "10", "10", department="62")
    details = patient(api, showbalancedetails="true")["claimbalancedetails"]
    assert [(group["providergroupid"], group["departmentids"]) for group in details] == [(1, "1,21"), (2, "62")]


def test_a_claim_has_bare_numbers_charges_and_transactions(api: Api, practice: Practice) -> None:
    lines = [Charge("72801", "225", modifiers=("25", "59")), Charge("72802", ".16")]
    lines[0].transactions.append(Transaction("73256", "-5", epayment="3800", date=dt.date(2025, 7, 9)))
    practice.add_claim(1001, 9301, "225.16", "85.5", provider="27", service_date=DAY, charges=lines)
    claim = patient(api, showbalancedetails="true")["claimbalancedetails"][0]["claimdetails"][0]
    assert {name: claim[name] for name in ("claimid", "departmentid", "servicedate", "supervisingproviderid")} == {
        "claimid": 9301, "departmentid": 1, "servicedate": "06/22/2025", "supervisingproviderid": 27,
    }  # fmt: skip
    assert (claim["amount"], claim["patientbalance"], claim["cleanbalance"]) == (225.16, 85.5, True)
    first, second = claim["chargeleveldetail"]
    assert (first["procedurecodesubmitted"], first["procedurecodeothermodifier"]) == ("99213,25,59", "25,59")
    assert first["transactions"] == [
        {"id": 73256, "date": "07/09/2025", "type": "PAYMENT", "transfertype": "p", "epaymentid": 3800, "amount": -5}
    ]
    assert "transactions" not in second
    assert second["servicedate"] == "06/22/2025"


def test_amounts_keep_their_digits(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "100000000000000.01", "12.50")
    found = api.get("/patients/1001", showbalancedetails="true").json(parse_float=Decimal)[0]
    claim = found["claimbalancedetails"][0]["claimdetails"][0]
    assert (claim["amount"], claim["patientbalance"]) == (Decimal("100000000000000.01"), Decimal("12.5"))


def test_an_unknown_patient_is_a_json_404(api: Api) -> None:
    answer = api.get("/patients/4711")
    assert answer.status_code == 404
    assert answer.json()["error"] == "The requested ID does not exist."


def test_a_number_that_is_none_is_400(api: Api) -> None:
    answer = api.get("/patients/abc")
    assert answer.status_code == 400
    assert answer.json()["detailedmessage"] == "Expecting type integer, but value is abc"


def test_a_merged_number_answers_with_the_patient_in_force(api: Api, practice: Practice) -> None:
    practice.add_patient(1005)
    practice.add_claim(1005, 9330, "95", "95")
    practice.merge(1005, into=1001)
    found = patient(api, "1005", showpreviouspatientids="true", showbalancedetails="true")
    assert (found["patientid"], found["previouspatientids"]) == ("1001", ["1005"])
    assert found["claimbalancedetails"][0]["claimdetails"][0]["claimid"] == 9330
    assert "previouspatientids" not in patient(api, "1005")


@pytest.mark.parametrize(("query", "status"), [({"confidentialitycode": "N"}, 404), ({}, 200)])
def test_a_restricted_patient_is_hidden_by_the_confidentiality_code(
    api: Api, practice: Practice, query: dict[str, str], status: int
) -> None:
    practice.patients["1001"].confidentiality = "R"
    assert api.get("/patients/1001", **query).status_code == status


def test_a_blocked_patient_is_hidden_unless_restrictions_are_ignored(api: Api, practice: Practice) -> None:
    practice.patients["1001"].blocked = True
    assert api.get("/patients/1001").status_code == 404
    assert api.get("/patients/1001", ignorerestrictions="true").status_code == 200


def test_a_deleted_patient_says_so(api: Api, practice: Practice) -> None:
    practice.patients["1001"].status = "deleted"
    assert patient(api)["status"] == "deleted"


def test_in_an_enterprise_practice_a_local_number_needs_its_department(api: Api, practice: Practice) -> None:
    practice.patients["1001"].local = {"2": "55"}
    assert api.get("/patients/55").status_code == 404
    found = patient(api, "55", departmentid="62", showlocalpatientid="true")
    assert (found["patientid"], found["localpatientid"]) == ("1001", "55")
