"""A payment that was made elsewhere is recorded once, by whoever is trusted with it, and waits to be told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from fhir_facade.gateways.port import Outcome
from fhir_facade.mappers.audit_event import event
from fhir_facade.payments.payment import BillShare, Target
from fhir_facade.payments.states import State
from fhir_facade.records import Bill
from fhir_facade.settings.model import Client
from tests.api.conftest import bearer, parsed
from tests.api.payments.conftest import Shop, refused, written
from tests.bell.issuing import IssuerStub
from tests.conftest import Judge
from tests.people import ANNA, BORIS, NOT_ANNA, PRACTICE

BILL = next(each for each in PRACTICE if isinstance(each, Bill) and each.number == "9301")
KIOSK = "https://kiosk.example.org/payments"
MATCH = f"identifier={KIOSK}|77"


def notice(shop: Shop, request: str = "", **more: Any) -> dict[str, Any]:
    body = {
        "resourceType": "PaymentNotice",
        "identifier": [{"system": KIOSK, "value": "77"}],
        "status": "active",
        "request": {"reference": request or f"Invoice/{shop.record('Invoice', ANNA, '9301')}"},
        "created": "2026-11-23T11:00:00Z",
        "payment": {"display": "paid at the kiosk"},
        "paymentDate": "2026-11-22",
        "recipient": {"reference": "Organization/riverside"},
        "amount": {"value": 5.25, "currency": "USD"},
    }
    return body | more


def record(shop: Shop, body: Any = None, **headers: str) -> TestResponse:
    return shop.post("PaymentNotice", notice(shop) if body is None else body, **headers)


def test_it_is_created_and_waits_to_be_told(shop: Shop) -> None:
    response = record(shop)
    body = parsed(response)
    shop.official(body)
    assert response.status_code == 201
    assert response.headers["Location"] == f"http://127.0.0.1:8080/fhir/PaymentNotice/{body['id']}"
    assert response.headers["ETag"].startswith('W/"')
    (payment,) = shop.ledger
    assert (payment.state, payment.due, payment.gateway) == (State.CAPTURED, shop.now, "")
    assert payment.captured == dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    assert (payment.target, payment.shares) == (Target("Invoice", "9301"), (BillShare("9301", Decimal("5.25")),))
    assert body["paymentStatus"]["coding"][0]["code"] == "paid"
    assert body["paymentDate"] == "2026-11-22"
    assert [each["value"] for each in body["identifier"]] == [payment.id, "77"]
    assert shop.json(f"PaymentNotice/{body['id']}") == body


def test_it_is_recorded_once(shop: Shop) -> None:
    first = record(shop, If_None_Exist=MATCH)
    again = record(shop, If_None_Exist=MATCH)
    asked = record(shop, If_None_Exist=f"PaymentNotice?{MATCH}")
    assert [response.status_code for response in (first, again, asked)] == [201, 200, 200]
    assert parsed(first) == parsed(again)
    assert "Location" not in again.headers
    assert len(shop.ledger) == 1


def test_several_matches_are_none(shop: Shop) -> None:
    for _ in range(2):
        assert record(shop).status_code == 201
    refused(record(shop, If_None_Exist=MATCH), 412, "multiple-matches")
    assert len(shop.ledger) == 2


@pytest.mark.parametrize("condition", ["foo=bar", "_count=1", "identifier:above=1", "?"])
def test_a_condition_is_a_search(shop: Shop, condition: str) -> None:
    assert record(shop, If_None_Exist=condition).status_code == 400
    assert shop.ledger == []


def test_bills_of_an_account_get_what_they_owe_oldest_first_and_the_rest_is_left_over(shop: Shop) -> None:
    shop.practice.say(
        msgspec.structs.replace(BILL, number="9302", service_date=dt.date(2025, 1, 1), due=Decimal("20.00"))
    )
    body = notice(shop, f"Account/{shop.record('Account', ANNA, '1')}", amount={"value": 110.50, "currency": "USD"})
    assert record(shop, body).status_code == 201
    assert shop.ledger[0].shares == (BillShare("9302", Decimal("20.00")), BillShare("9301", Decimal("85.50")))
    assert shop.ledger[0].other == Decimal("5.00")


def test_a_visit_is_paid_too(shop: Shop) -> None:
    body = notice(shop, f"Appointment/{shop.record('Appointment', ANNA, '5001')}")
    assert record(shop, body).status_code == 201
    assert (shop.ledger[0].visit, shop.ledger[0].other) == ("5001", Decimal(0))


def test_more_than_is_due_is_a_fact(shop: Shop) -> None:
    assert record(shop, notice(shop, amount={"value": 100, "currency": "USD"})).status_code == 201
    assert shop.ledger[0].amount == 100


def test_what_was_paid_elsewhere_is_not_paid_again(shop: Shop) -> None:
    record(shop, notice(shop, amount={"value": 85.50, "currency": "USD"}))
    refused(shop.pay(), 409, "conflict", "nothing-due")


WRONG: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "zero": ({"amount": {"value": 0, "currency": "USD"}}, 422, "business-rule", "amount-not-positive"),
    "no value": ({"amount": {"currency": "USD"}}, 422, "business-rule", "amount-not-positive"),
    "decimals": ({"amount": {"value": 1.001, "currency": "USD"}}, 422, "business-rule", "amount-decimals"),
    "currency": ({"amount": {"value": 1, "currency": "EUR"}}, 422, "business-rule", "amount-currency"),
    "draft": ({"status": "draft"}, 422, "business-rule", ""),
    "future": ({"paymentDate": "2026-11-25"}, 422, "business-rule", ""),
    "vague": ({"paymentDate": "2026-11"}, 422, "business-rule", ""),
    "recipient": ({"recipient": {"reference": "Organization/lakeside"}}, 422, "not-found", "reference-unknown"),
    "status": ({"status": "nonsense"}, 400, "structure", ""),
    "element": ({"nonsense": 1}, 400, "structure", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_recorded_is_refused(shop: Shop, case: str) -> None:
    more, status, code, reason = WRONG[case]
    refused(record(shop, notice(shop, **more)), status, code, reason)
    assert shop.ledger == []


def test_what_is_not_there_and_what_is_not_theirs_is_the_same(shop: Shop) -> None:
    wanted = ["Invoice/nonsense", f"Invoice/{shop.record('Invoice', ANNA, 'none')}", "Patient/x", "x", "Claim/1"]
    answers = [record(shop, notice(shop, request)) for request in wanted]
    refused(answers[0], 422, "not-found", "reference-unknown")
    assert len({answer.get_data() for answer in answers}) == 1


def test_a_billing_system_that_cannot_be_told_records_nothing(shop: Shop) -> None:
    body = notice(shop, f"Invoice/{shop.record('Invoice', NOT_ANNA, '7701')}", recipient={"display": "x"})
    refused(record(shop, body), 422, "not-supported")


def test_only_a_registered_client_is_trusted(shop: Shop, issuer: IssuerStub) -> None:
    kiosk = Client("kiosk", authorities=("riverside",), features=("view", "pay"))
    shop.trust(
        issuer, (kiosk, replace(kiosk, id="viewer", features=("view",)), replace(kiosk, id="far", authorities=()))
    )

    def by(client: str, scope: str = "system/PaymentNotice.c", **claims: Any) -> TestResponse:
        token = bearer(issuer, scope=scope, client_id=client, sub=client, **claims)
        return record(shop, notice(shop, paymentDate="2026-01-01"), **token)

    patient = {"patient": shop.patient(ANNA)}
    refused(by("kiosk", "patient/PaymentNotice.cruds patient/Invoice.rs", **patient), 403, "forbidden")
    refused(by("app", "patient/PaymentNotice.cruds", **patient), 403, "forbidden")
    refused(by("app"), 403, "forbidden")
    refused(by("viewer"), 403, "forbidden")
    refused(by("kiosk", "system/PaymentNotice.rs"), 403, "forbidden")
    refused(by("far"), 422, "not-found", "reference-unknown")
    assert shop.ledger == []
    assert by("kiosk").status_code == 201


def test_a_client_with_one_feature_records_such_payments(shop: Shop, issuer: IssuerStub) -> None:
    shop.trust(issuer, (Client("desk", authorities=("riverside",), features=("view", "prepay")),))
    token = bearer(issuer, scope="system/PaymentNotice.c", client_id="desk", sub="desk")
    refused(record(shop, **token), 403, "forbidden")
    visit = f"Appointment/{shop.record('Appointment', ANNA, '5001')}"
    body = notice(shop, visit, paymentDate="2026-01-01")
    assert record(shop, body, **token).status_code == 201


def test_it_is_another_patients_where_it_is(shop: Shop) -> None:
    assert record(shop, notice(shop, f"Invoice/{shop.record('Invoice', BORIS, '9311')}")).status_code == 201
    assert [each["identifier"][-1]["value"] for each in shop.notices(BORIS)] == ["77"]
    assert "77" not in [each["identifier"][-1]["value"] for each in shop.notices()]


def test_it_is_written_down_about_its_patient(shop: Shop, models: Judge) -> None:
    body = parsed(record(shop))
    record(shop, notice(shop, "Invoice/nonsense"))
    done, refusal = written(shop)
    assert (done.interaction, done.type, done.id, done.status, done.patient) == (
        "create",
        "PaymentNotice",
        body["id"],
        201,
        ANNA,
    )
    assert (refusal.interaction, refusal.id, refusal.status, refusal.patient) == ("create", "", 422, None)
    shown = event(done, "x", "https://billing.example.org/fhir", {"reference": "Patient/x"})
    assert (shown["action"], shown["subtype"][0]["code"]) == ("C", "create")
    models(shown)


def test_it_is_declared_where_it_can_be_done(shop: Shop) -> None:
    (entry,) = [e for e in shop.json("metadata")["rest"][0]["resource"] if e["type"] == "PaymentNotice"]
    assert {"code": "create"} in entry["interaction"]
    assert entry["conditionalCreate"] is True
    refused(shop.post("Invoice", {"resourceType": "Invoice"}), 405, "not-supported")


def test_gateways_do_not_matter_for_it(shop: Shop) -> None:
    shop.begun()
    assert record(shop).status_code == 201
    shop.notify(Outcome.CAPTURED)
    assert [payment.state for payment in shop.ledger] == [State.CAPTURED, State.CAPTURED]
