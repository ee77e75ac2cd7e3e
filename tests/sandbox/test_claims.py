"""Reference 8.2: ``GET /claims`` and ``GET /claims/{id}``."""

from __future__ import annotations

import datetime as dt

from fhir_facade.sandbox.athenahealth import Charge, Payer, Practice
from tests.sandbox.conftest import Api


def test_claims_quote_what_balances_do_not_and_the_reverse(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5", provider="27", service_date=dt.date(2025, 6, 22))
    (claim,) = api.json("/claims", patientid="1001")["claims"]
    assert (claim["claimid"], claim["patientid"], claim["departmentid"], claim["billedproviderid"]) == (
        "9301", 1001, 1, 27,
    )  # fmt: skip
    assert (claim["claimcreateddate"], claim["billedservicedate"]) == ("06/22/2025", "06/22/2025")


def test_a_claim_has_no_balance_and_no_payments(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    claim = api.json("/claims/9301")
    assert not {"patientbalance", "balance", "amount", "chargeamount", "transactions"} & set(claim)


def test_one_claim_is_a_bare_object(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225")
    assert api.json("/claims/9301")["claimid"] == "9301"


def test_payers_have_a_status_and_zero_is_no_insurance(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5", primary=Payer("1442", "HOLD"))
    practice.add_claim(1001, 9302, "225", 0)
    claim = api.json("/claims/9301")
    assert claim["primaryinsurancepayer"] == {"primarypatientinsuranceid": 1442, "status": "HOLD"}
    assert claim["secondaryinsurancepayer"] == {"secondarypatientinsuranceid": 0, "status": "CLOSED"}
    assert claim["patientpayer"] == {"status": "COLLECT", "note": "n/a"}
    assert api.json("/claims/9302")["patientpayer"]["status"] == "CLOSED"


def test_a_procedure_is_the_charge_of_the_balances_section_7(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, ".01", charges=[Charge("2801", ".01")])
    claim = api.json("/claims/9301")
    assert claim["procedures"][0]["transactionid"] == "2801"
    assert claim["procedures"][0]["chargeamount"] == ".01"
    assert claim["transactiondetails"] == {"2801": ".01"}
    assert claim["diagnoses"][0]["deleteddiagnosis"] == "false"


def test_claims_are_those_of_the_patient_asked_for(api: Api, practice: Practice) -> None:
    practice.add_patient(1002)
    practice.add_claim(1001, 9301, "225")
    practice.add_claim(1002, 9310, "225")
    assert [claim["claimid"] for claim in api.json("/claims", patientid="1002")["claims"]] == ["9310"]
    assert api.json("/claims", patientid="4711") == {"totalcount": 0, "claims": []}


def test_claims_and_balances_need_not_agree(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "10", listed=False)
    practice.add_claim(1001, 9302, "225", "10", in_balances=False)
    assert [claim["claimid"] for claim in api.json("/claims", patientid="1001")["claims"]] == ["9302"]
    details = api.json("/patients/1001", showbalancedetails="true")[0]["claimbalancedetails"]
    assert [claim["claimid"] for claim in details[0]["claimdetails"]] == [9301]


def test_a_claim_that_was_taken_away_is_404(api: Api, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225")
    practice.remove_claim(9301)
    assert api.get("/claims/9301").status_code == 404
    assert api.json("/claims", patientid="1001")["claims"] == []
