"""Payments that a practice records: reference 8.7 and 8.14."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import requests

from fhir_facade.sandbox.athenahealth import AppointmentCopay, Balance, Charge, Practice, Simulator, World
from tests.sandbox.conftest import PRACTICE, TODAY, Api

RECORD = "/patients/1001/recordpayment"
VENDOR = "/patientpayvendors/ACME/payments"
FORM = {"departmentid": "1", "paymentmethod": "MC/VISA", "cardnumberlast4": "1111", "postdate": "03/01/2026"}


@pytest.fixture(autouse=True)
def owed(practice: Practice) -> None:
    practice.vendors["ACME"] = {"CARD": "Card"}
    practice.add_claim(1001, 9301, "225", "85.50", charges=[Charge("72801", "30"), Charge("72802", "195")])
    practice.add_claim(1001, 9302, "40", "40")
    practice.add_visit(1001, 985001, date=TODAY, copay="25", copay_detail=AppointmentCopay(insurance="25"))


def post(api: Api, path: str, **form: Any) -> requests.Response:
    return api.session.post(f"{api.simulator.base_url}/v1/{PRACTICE}{path}", data=form, timeout=10)


def by_vendor(api: Api, reference: str = "r-1", **form: Any) -> requests.Response:
    own = {"departmentid": "1", "patientid": "1001", "paymentmethod": "CARD", "cardnumberlast4": "1111"}
    return post(api, VENDOR, externalrefid=reference, **own | form)


def balance(api: Api) -> Decimal:
    return Decimal(str(api.json("/patients/1001")[0]["balances"][0]["balance"]))


def test_the_answer_is_an_array_of_texts_with_the_batch_alone(api: Api, practice: Practice) -> None:
    for _ in range(2):
        answer = post(api, RECORD, **FORM, otheramount="1")
        assert (answer.status_code, answer.json()) == (200, [{"success": "true", "paymentbatchid": "5"}])
    later = post(api, RECORD, **FORM | {"postdate": "03/02/2026"}, otheramount="1")
    assert later.json() == [{"success": "true", "paymentbatchid": "6"}]
    practice.proper_json = True
    assert post(api, RECORD, **FORM, otheramount="1").json() == [{"success": True, "paymentbatchid": "5"}]


def test_a_claims_payment_is_on_its_charges_and_lowers_its_balance(api: Api, practice: Practice) -> None:
    before = balance(api)
    post(api, RECORD, **FORM, claimpayment='[ {"9301":"85.50"}, {"9302":".16"} ]')
    assert (practice.claims["9301"].owed, practice.claims["9302"].owed) == (0, Decimal("39.84"))
    details = api.json("/patients/1001", showbalancedetails="true", showallclaims="true")[0]["claimbalancedetails"]
    charges = details[0]["claimdetails"][0]["chargeleveldetail"]
    rows = [row for charge in charges for row in charge["transactions"]]
    assert [(row["amount"], row["type"], row["transfertype"], row["date"]) for row in rows] == [
        (-30, "PAYMENT", "p", "03/01/2026"),
        (-55.5, "PAYMENT", "p", "03/01/2026"),
    ]
    assert not any("epaymentid" in row for row in rows)
    assert before - balance(api) == Decimal("85.66")


def test_unapplied_money_lowers_the_groups_balance_and_no_claim(api: Api, practice: Practice) -> None:
    before = balance(api)
    post(api, RECORD, **FORM, otheramount="200.05")
    assert balance(api) == before - Decimal("200.05")
    assert practice.claims["9301"].owed == Decimal("85.50")


def test_a_stated_balance_follows(api: Api, practice: Practice) -> None:
    practice.patients["1001"].balances["1"] = Balance("-978.7")
    post(api, RECORD, **FORM, otheramount="1", claimpayment='[{"9302":"40"}]')
    assert balance(api) == Decimal("-1019.7")


def test_a_copay_is_collected_for_its_appointment(api: Api, practice: Practice) -> None:
    post(api, RECORD, **FORM, copayamount="20", appointmentid="985001")
    row = api.json("/appointments/985001")[0]
    assert row["copay"] == 5
    assert row["appointmentcopay"] == {"insurancecopay": 25, "collectedforappointment": 20, "collectedforother": 0}
    practice.assigns_copays = False
    post(api, RECORD, **FORM, copayamount="5", appointmentid="985001")
    row = api.json("/appointments/985001")[0]
    assert (row["copay"], row["appointmentcopay"]["collectedforother"]) == (5, 5)


def test_without_postdate_it_is_today_in_eastern_time(api: Api, simulator: Simulator, clock: Any) -> None:
    clock.now = dt.datetime(2026, 3, 2, 4, 30, tzinfo=dt.UTC)
    api.sign_in()
    post(api, RECORD, departmentid="1", paymentmethod="CASH", otheramount="1")
    assert simulator.recorded[0].posted == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"departmentid": ""}, "departmentid"),
        ({"departmentid": "9"}, "department"),
        ({"paymentmethod": "VISA"}, "paymentmethod"),
        ({"cardnumberlast4": ""}, "cardnumberlast4"),
        ({"paymentmethod": "CHECK"}, "checknumber"),
        ({"postdate": "2026-03-01"}, "date"),
        ({"otheramount": ""}, "otheramount"),
        ({"otheramount": "1.005"}, "number"),
        ({"otheramount": "-1"}, "number"),
        ({"otheramount": "NaN"}, "number"),
        ({"copayamount": "1"}, "appointmentid"),
        ({"copayamount": "1", "appointmentid": "985002"}, "appointment"),
        ({"claimpayment": "9301"}, "CLAIMPAYMENT"),
        ({"claimpayment": "[]"}, "CLAIMPAYMENT"),
        ({"claimpayment": '[{"9301":"1","9302":"1"}]'}, "CLAIMPAYMENT"),
        ({"claimpayment": '[{"9301":"1"},{"9301":"1"}]'}, "CLAIMPAYMENT"),
        ({"claimpayment": '[{"9399":"1"}]'}, "CLAIMPAYMENT"),
    ],
    ids=str,
)
def test_a_form_that_is_wrong_is_refused_and_nothing_is_recorded(
    api: Api, simulator: Simulator, change: dict[str, str], named: str
) -> None:
    answer = post(api, RECORD, **FORM | {"otheramount": "1"} | change)
    assert answer.status_code == 400
    assert named in answer.text
    assert simulator.recorded == []


def test_an_unknown_patient_is_refused(api: Api) -> None:
    assert post(api, "/patients/4040/recordpayment", **FORM, otheramount="1").status_code == 404


def test_a_write_needs_a_token(stranger: Api, simulator: Simulator) -> None:
    assert post(stranger, RECORD, **FORM, otheramount="1").status_code == 401
    assert simulator.recorded == []


def test_fields_that_are_not_documented_are_noted(api: Api, world: World) -> None:
    post(api, RECORD, **FORM, otheramount="1", accountnumber="4111111111111111")
    assert world.surprises == ["violation: accountnumber sent to /patients/{id}/recordpayment"]


def test_what_is_not_simulated_is_noted(api: Api, world: World) -> None:
    assert post(api, "/patients/1001/collectpayment", otheramount="1").status_code == 404
    assert world.surprises == ["not simulated: POST /v1/195900/patients/1001/collectpayment"]


def test_a_vendors_reference_is_good_once(api: Api, simulator: Simulator) -> None:
    first = by_vendor(api, claimpayment='[{"9302":"1.00"}]')
    assert first.json() == {"success": "true", "patientpaymentid": simulator.recorded[0].number}
    for again in (by_vendor(api, claimpayment='[{"9302":"1.00"}]'), by_vendor(api, otheramount="7")):
        assert again.status_code == 409
        assert "Duplicate" in again.json()["detailedmessage"]
    assert by_vendor(api, "r-2", otheramount="1").status_code == 200
    assert [each.amount for each in simulator.recorded] == [1, 1]


def test_a_refused_form_does_not_use_up_its_reference(api: Api) -> None:
    assert by_vendor(api).status_code == 400
    assert by_vendor(api, otheramount="1").status_code == 200


@pytest.mark.parametrize(
    ("change", "status"), [({"externalrefid": ""}, 400), ({"externalrefid": "r" * 33}, 400), ({"patientid": ""}, 400)]
)
def test_a_vendors_form_that_is_wrong(api: Api, simulator: Simulator, change: dict[str, str], status: int) -> None:
    own = {
        "departmentid": "1",
        "patientid": "1001",
        "paymentmethod": "CARD",
        "cardnumberlast4": "1",
        "otheramount": "1",
    }
    assert post(api, VENDOR, **own | {"externalrefid": "r"} | change).status_code == status
    assert simulator.recorded == []


def test_a_reference_is_good_once_at_once(api: Api, simulator: Simulator) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: by_vendor(api, otheramount="1").status_code, range(16)))
    assert sorted(answers) == [200] + [409] * 15
    assert len(simulator.recorded) == 1


def test_payments_at_once_are_all_there(api: Api, simulator: Simulator, practice: Practice) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: post(api, RECORD, **FORM, claimpayment='[{"9302":"1.01"}]'), range(20)))
    assert practice.claims["9302"].owed == Decimal("19.80")
    assert len({each.number for each in simulator.recorded}) == 20


def test_a_refund_gives_all_of_it_back_once(api: Api, practice: Practice) -> None:
    before = balance(api)
    number = by_vendor(
        api, claimpayment='[{"9302":"40"}]', copayamount="20", appointmentid="985001", otheramount="1"
    ).json()["patientpaymentid"]
    form = {"departmentid": "1", "patientid": "1001", "paymentmethod": "CARD", "fullrefund": "true"}
    path = f"{VENDOR}/{number}/refund"
    assert post(api, path, **form | {"fullrefund": "false"}, externalrefid="x-0").status_code == 400
    assert post(api, path, **form, externalrefid="x-1").json()["success"] == "true"
    assert post(api, path, **form, externalrefid="x-1").status_code == 409
    assert post(api, path, **form, externalrefid="x-2").status_code == 400
    assert practice.claims["9302"].owed == 40
    assert balance(api) == before
    assert api.json("/appointments/985001")[0]["appointmentcopay"]["collectedforappointment"] == 0


def test_only_a_vendors_payment_can_be_refunded(api: Api, simulator: Simulator) -> None:
    post(api, RECORD, **FORM, otheramount="1")
    path = f"{VENDOR}/{simulator.recorded[0].number}/refund"
    form = {"departmentid": "1", "patientid": "1001", "paymentmethod": "CARD", "fullrefund": "true"}
    assert post(api, path, **form, externalrefid="x").status_code == 404


def test_a_vendors_methods(api: Api) -> None:
    assert api.json("/patientpayvendors/ACME/validvendorpaymentmethods") == {
        "totalcount": 1,
        "paymentmethods": [{"name": "Card", "paymentmethod": "CARD"}],
    }
    assert api.get("/patientpayvendors/ELSE/validvendorpaymentmethods").status_code == 404


def test_everything_that_was_recorded_can_be_asked_for(stranger: Api, api: Api, simulator: Simulator) -> None:
    post(
        api, RECORD, **FORM, claimpayment='[{"9302":".16"}]', copayamount="20", appointmentid="985001", otheramount="1"
    )
    by_vendor(api, otheramount="7")
    answer = requests.get(f"{simulator.base_url}/sandbox/recorded", timeout=10).json()
    [one, two] = answer[PRACTICE]
    assert (
        one.items()
        >= {
            "patient": "1001",
            "claims": {"9302": "0.16"},
            "appointment": "985001",
            "copay": "20.00",
            "other": "1.00",
            "amount": "21.16",
            "posted": "2026-03-01",
            "reference": None,
        }.items()
    )
    assert (two["amount"], two["reference"], two["vendor"], two["refunded"]) == ("7.00", "r-1", "ACME", False)


@pytest.mark.parametrize(
    ("options", "status"),
    [({}, 502), ({"then": "html", "status": 503}, 503), ({"then": "throttled"}, 429), ({"then": "malformed"}, 200)],
)
def test_it_can_be_recorded_and_the_answer_be_another(
    api: Api, simulator: Simulator, options: dict[str, Any], status: int
) -> None:
    simulator.fault("recorded", template="/patients/{id}/recordpayment", times=1, **options)
    answer = post(api, RECORD, **FORM, otheramount="1")
    assert answer.status_code == status
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(simulator.recorded) == 1


def test_the_connection_can_break_after_recording(api: Api, simulator: Simulator) -> None:
    simulator.fault("drop", template="/patients/{id}/recordpayment", times=1)
    with pytest.raises(requests.ConnectionError):
        post(api, RECORD, **FORM, otheramount="1")
    assert len(simulator.recorded) == 1
