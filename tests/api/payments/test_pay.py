"""Paying: what is due is asked anew, a session is begun once, and what cannot be paid begins nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from fhir_facade.errors import TimedOut, Unreachable
from fhir_facade.gateways.port import Outcome
from fhir_facade.keys import SourceKey
from fhir_facade.payments.payment import BillShare, Mode, Target
from fhir_facade.payments.states import State
from fhir_facade.records import Bill, BillState, Visit, VisitState
from tests.api.payments.conftest import APP, Shop, refused
from tests.payments.fakes import GatewayDown
from tests.people import ANNA, BORIS, NOT_ANNA, PRACTICE

BILL = next(each for each in PRACTICE if isinstance(each, Bill) and each.number == "9301")
THEIRS = next(each for each in PRACTICE if isinstance(each, Bill) and each.number == "9311")
OWNER = SourceKey("practice", "1001")
VISIT = next(each for each in PRACTICE if isinstance(each, Visit) and each.number == "5001")


def money(value: str) -> dict[str, Any]:
    return {"value": Decimal(value), "currency": "USD"}


def test_a_bill_is_paid_at_the_gateway(shop: Shop) -> None:
    said = shop.begun()
    assert said["payment-url"] == f"https://pay.example.org/{shop.gateway.last}"
    assert said["amount"] == money("85.50")
    assert said["description"] == "Bill 9301, Riverside Medical Group"
    assert said["expires"] == "2026-11-23T12:40:00Z"
    (payment,) = shop.ledger
    assert said["payment-notice"]["reference"] == f"PaymentNotice/{shop.record('PaymentNotice', ANNA, payment.id)}"
    assert (payment.state, payment.target, payment.shares) == (
        State.OPEN,
        Target("Invoice", "9301"),
        (BillShare("9301", Decimal("85.50")),),
    )
    assert payment.url == said["payment-url"]


def test_the_gateway_is_told_of_no_person_and_by_no_id_of_ours(shop: Shop) -> None:
    shop.begun(return_url=f"{APP}/done?state=1")
    (session,) = shop.gateway.sessions.values()
    assert session.payment != shop.ledger[0].id
    assert "1001" not in str(session)
    assert "Anna" not in str(session)
    assert session.return_url == f"{APP}/done?state=1"
    assert session.notify_url == "http://127.0.0.1:8080/gateways/main/notifications"


def test_a_part_can_be_paid(shop: Shop) -> None:
    assert shop.begun(amount="10.00")["amount"] == money("10.00")
    assert shop.ledger[0].shares == (BillShare("9301", Decimal("10.00")),)


def test_an_account_is_paid_oldest_bill_first_in_one_payment(shop: Shop) -> None:
    older = replace(BILL, number="9302", service_date=dt.date(2025, 1, 1), due=Decimal("20.00"))
    account = next(a for a in shop.practice.accounts(OWNER) if a.number == "1")
    shop.practice.say(older)
    shop.practice.say(replace(account, balance=Decimal("200.00")))
    said = shop.begun("1", "Account", amount="30.00")
    assert said["description"] == "2 bills, Riverside Medical Group"
    assert shop.ledger[0].shares == (BillShare("9302", Decimal("20.00")), BillShare("9301", Decimal("10.00")))
    assert shop.ledger[0].target == Target("Account", "1")


def test_no_more_than_the_account_owes_is_asked_for(shop: Shop) -> None:
    account = next(a for a in shop.practice.accounts(OWNER) if a.number == "1")
    shop.practice.say(replace(account, balance=Decimal("40.25")))
    assert shop.begun()["amount"] == money("40.25")


def test_an_appointment_is_paid_in_advance(shop: Shop) -> None:
    said = shop.begun("5001", "Appointment")
    assert said["amount"] == money("20")
    assert said["description"] == "Appointment on 2026-12-01, Riverside Medical Group"
    assert (shop.ledger[0].visit, shop.ledger[0].shares) == ("5001", ())


def test_what_is_kept_does_not_count(shop: Shop) -> None:
    shop.json(f"Invoice?patient={shop.patient(ANNA)}")
    shop.practice.say(replace(BILL, due=Decimal("12.34")))
    assert shop.begun()["amount"] == money("12.34")


REFUSALS = {
    "past": ("Appointment", replace(VISIT, start=dt.datetime(2026, 11, 23, 11, 59, tzinfo=dt.UTC)), "appointment-past"),
    "cancelled": ("Appointment", replace(VISIT, state=VisitState.CANCELLED), "appointment-cancelled"),
    "no-show": ("Appointment", replace(VISIT, state=VisitState.NO_SHOW), "appointment-cancelled"),
    "checked in": ("Appointment", replace(VISIT, state=VisitState.CHECKED_IN), "not-prepayable"),
    "no bill follows": ("Appointment", replace(VISIT, chargeable=False), "not-prepayable"),
    "unknown copay": ("Appointment", replace(VISIT, copay=None), "not-prepayable"),
    "no copay": ("Appointment", replace(VISIT, copay=Decimal("0")), "nothing-due"),
    "pending": ("Invoice", replace(BILL, state=BillState.PENDING), "bill-not-issued"),
    "cancelled bill": ("Invoice", replace(BILL, state=BillState.CANCELLED), "bill-not-issued"),
    "settled": ("Invoice", replace(BILL, state=BillState.SETTLED, due=Decimal("0")), "nothing-due"),
    "credit": ("Invoice", replace(BILL, state=BillState.CREDIT, due=Decimal("-1")), "credit-on-account"),
    "not collectable": ("Invoice", replace(BILL, collectable=False), "bill-not-collectable"),
    "nothing due": ("Invoice", replace(BILL, due=Decimal("0")), "nothing-due"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_paid_is_refused_by_name_and_begins_nothing(shop: Shop, case: str) -> None:
    type, record, reason = REFUSALS[case]
    shop.practice.say(record)
    refused(shop.pay(record.number, type), 409, "conflict", reason)
    assert (shop.ledger, shop.gateway.asked) == ([], [])


@pytest.mark.parametrize("which", [("9301", "Invoice"), ("1", "Account")])
def test_a_credit_on_the_account_is_applied_first(shop: Shop, which: tuple[str, str]) -> None:
    account = next(a for a in shop.practice.accounts(OWNER) if a.number == "1")
    shop.practice.say(replace(account, balance=Decimal("-0.01")))
    refused(shop.pay(*which), 409, "conflict", "credit-on-account")
    assert shop.ledger == []


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("0", "amount-not-positive"),
        ("-1.00", "amount-not-positive"),
        ("85.51", "amount-above-due"),
        ("1E+400", "amount-above-due"),
        ("1.001", "amount-decimals"),
        ({"value": 1, "currency": "EUR"}, "amount-currency"),
    ],
)
def test_an_amount_that_cannot_be_paid_is_refused(shop: Shop, amount: Any, reason: str) -> None:
    body = f'{{"resourceType":"Parameters","parameter":[{{"name":"amount","valueMoney":{{"value":{amount}}}}}]}}'
    if isinstance(amount, dict):
        response = shop.pay(amount=amount)
    else:
        response = shop.post(f"Invoice/{shop.record('Invoice', ANNA, '9301')}/$pay", body.encode())
    refused(response, 422, "business-rule", reason)
    assert (shop.ledger, shop.gateway.asked) == ([], [])


@pytest.mark.parametrize(("failure", "status"), [(Unreachable("x"), 502), (TimedOut("x"), 504)])
def test_an_amount_is_never_guessed(shop: Shop, failure: Any, status: int) -> None:
    shop.json(f"Invoice?patient={shop.patient(ANNA)}")
    shop.practice.failure = failure
    refused(shop.pay(), status, failure.code)
    assert shop.ledger == []


def test_an_open_session_is_found_again(shop: Shop) -> None:
    assert shop.begun() == shop.begun() == shop.begun(amount="85.50")
    assert len(shop.ledger) == len(shop.gateway.sessions) == 1
    refused(shop.pay(amount="1.00"), 409, "conflict", "session-open")


def test_overlapping_sessions_cannot_both_collect(shop: Shop) -> None:
    shop.begun("1", "Account")
    refused(shop.pay(), 409, "conflict", "session-open")
    shop.notify(Outcome.EXPIRED)
    assert shop.begun()["amount"] == money("85.50")
    refused(shop.pay("1", "Account"), 409, "conflict", "session-open")


def test_the_same_key_is_the_same_session_also_after_it_was_paid(shop: Shop) -> None:
    first = shop.begun(key="k1")
    shop.notify(Outcome.CAPTURED)
    assert shop.begun(key="k1") == first
    refused(shop.pay(key="k1", amount="1.00"), 409, "conflict", "key-reused")
    assert len(shop.ledger) == 1


def test_a_key_is_for_one_resource(shop: Shop) -> None:
    shop.begun(key="k1")
    assert shop.begun("5001", "Appointment", key="k1")["amount"] == money("20")


def test_a_key_is_for_one_patient_whose_account_has_anothers_number(shop: Shop) -> None:
    shop.practice.say(replace(THEIRS, collectable=True))
    shop.begun("1", "Account", key="k1")
    assert shop.begun("1", "Account", who=BORIS, key="k1")["amount"] == money("777.67")


def test_money_on_its_way_is_not_paid_again(shop: Shop) -> None:
    shop.paid(amount="80.00")
    assert shop.begun()["amount"] == money("5.50")
    shop.notify(Outcome.CAPTURED)
    refused(shop.pay(), 409, "conflict", "nothing-due")
    refused(shop.pay("1", "Account"), 409, "conflict", "nothing-due")


def test_a_copay_on_its_way_is_not_paid_again(shop: Shop) -> None:
    shop.paid("5001", "Appointment", amount="15.00")
    assert shop.begun("5001", "Appointment")["amount"] == money("5.00")


def test_sessions_of_other_bills_count_for_the_account(shop: Shop) -> None:
    other = replace(BILL, number="9302", due=Decimal("85.50"))
    shop.practice.say(other)
    shop.begun("9302")
    refused(shop.pay(), 409, "conflict", "nothing-due")


def test_a_gateway_that_fails_leaves_nothing_behind(shop: Shop) -> None:
    shop.gateway.failure = GatewayDown()
    refused(shop.pay(key="k1"), 504, "timeout")
    assert [payment.state for payment in shop.ledger] == [State.EXPIRED]
    assert shop.notices() == [each for each in shop.notices() if each["status"] == "active"]
    shop.gateway.failure = None
    assert shop.begun(key="k1")["amount"] == money("85.50")


def test_a_gateway_that_breaks_leaves_no_lock(shop: Shop) -> None:
    shop.gateway.failure = ZeroDivisionError()
    assert shop.pay().status_code == 500
    shop.gateway.failure = None
    assert shop.begun()["amount"] == money("85.50")


def test_a_session_that_was_cut_off_is_begun_again(shop: Shop) -> None:
    """Killed between the ledger and the gateway."""
    first = shop.begun()
    (payment,) = shop.ledger
    shop.house.till.ledger.note(payment, "test", url="", reference="")
    assert shop.begun() == first
    assert len(shop.gateway.sessions) == 1


def test_a_late_session_holds_nobody_up_once_the_gateway_says_that_it_is_over(shop: Shop) -> None:
    shop.begun(amount="5.00")
    shop.later(41 * 60)
    refused(shop.pay(), 409, "conflict", "session-open")
    shop.gateway.says(shop.gateway.last, Outcome.EXPIRED)
    assert shop.begun()["amount"] == money("85.50")


def test_an_amount_is_held_within_the_gateways_days_less_one(shop: Shop) -> None:
    refused(shop.pay("5001", "Appointment", mode="authorize"), 422, "business-rule", "hold-not-offered")
    shop.now = dt.datetime(2026, 11, 25, 14, 30, tzinfo=dt.UTC)  # six days before
    shop.begun("5001", "Appointment", mode="authorize")
    assert (shop.ledger[0].mode, next(iter(shop.gateway.sessions.values())).hold) == (Mode.AUTHORIZE, True)
    refused(shop.pay("5001", "Appointment"), 409, "conflict", "session-open")


def test_a_gateway_that_cannot_hold_is_not_asked_to(shop: Shop) -> None:
    shop.now = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
    shop.gateway.capabilities = frozenset()
    refused(shop.pay("5001", "Appointment", mode="authorize"), 422, "business-rule", "hold-not-offered")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.org/paid",
        f"{APP}er",
        f"{APP}/../x",
        f"{APP}/%2e%2e/x",
        f"{APP}#fragment",
        "http://app.example.org/paid",
        "https://app.example.org@evil.example.org/paid",
        "https://app.example.org:444/paid",
        "https://app.example.org\\.evil.example.org/paid",
        "javascript:alert(1)",
    ],
)
def test_browsers_are_sent_to_allowed_places_only(shop: Shop, url: str) -> None:
    refused(shop.pay(return_url=url), 422, "business-rule", "return-url-not-allowed")
    assert shop.ledger == []


@pytest.mark.parametrize(
    ("parameter", "code"),
    [
        ({"name": "tip", "valueMoney": {"value": 1}}, "not-supported"),
        ({"name": "mode", "valueCode": "pay"}, "not-supported"),  # of $pre-pay alone
        ({"name": "payment-url", "valueUrl": "https://x.org"}, "not-supported"),  # goes out
        ({"name": "amount", "valueDecimal": 1}, "value"),
        ({"name": "amount"}, "value"),
        ({"name": "amount", "valueMoney": {"currency": "USD"}}, "value"),
        ({"name": "amount", "valueMoney": {"value": "1"}}, "structure"),
        ({"name": "idempotency-key", "valueString": "k" * 256}, "value"),
        ({"valueString": "k"}, "structure"),
    ],
)
def test_parameters_are_those_of_the_definition(shop: Shop, parameter: Any, code: str) -> None:
    body = {"resourceType": "Parameters", "parameter": [parameter]}
    refused(shop.post(f"Invoice/{shop.record('Invoice', ANNA, '9301')}/$pay", body), 400, code)
    assert shop.ledger == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"resourceType":"Invoice"}', b"null", b'"Parameters"'])
def test_a_body_is_parameters_or_nothing(shop: Shop, body: bytes) -> None:
    refused(shop.post(f"Invoice/{shop.record('Invoice', ANNA, '9301')}/$pay", body), 400, "structure")


def test_a_parameter_is_given_once(shop: Shop) -> None:
    key = {"name": "idempotency-key", "valueString": "k"}
    body = {"resourceType": "Parameters", "parameter": [key, key]}
    refused(shop.post(f"Invoice/{shop.record('Invoice', ANNA, '9301')}/$pay", body), 400, "structure")


def test_empty_parameters_are_as_good_as_none(shop: Shop) -> None:
    response = shop.post(f"Invoice/{shop.record('Invoice', ANNA, '9301')}/$pay", {"resourceType": "Parameters"})
    assert response.status_code == 200


def test_another_media_type_is_refused(shop: Shop) -> None:
    path = f"Invoice/{shop.record('Invoice', ANNA, '9301')}/$pay"
    response = shop.post(path, b"amount=1", Content_Type="application/x-www-form-urlencoded")
    refused(response, 415, "not-supported")


def test_what_changes_something_is_not_asked_for_by_get(shop: Shop) -> None:
    response = shop.get(f"Invoice/{shop.record('Invoice', ANNA, '9301')}/$pay")
    refused(response, 405, "not-supported")
    assert response.headers["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize(
    "path", ["Invoice/x/$settle", "Appointment/x/$pay", "Account/$pay", "$pay", "Invoice/x/y/$pay"]
)
def test_other_operations_are_not_offered(shop: Shop, path: str) -> None:
    refused(shop.post(path), 404, "not-supported")


def test_a_billing_system_that_cannot_be_told_takes_no_payments(shop: Shop) -> None:
    refused(shop.pay("7701", who=NOT_ANNA), 422, "not-supported")


def test_operations_are_declared_where_they_work(shop: Shop) -> None:
    resources = shop.json("metadata")["rest"][0]["resource"]
    declared = {each["type"]: [operation["name"] for operation in each.get("operation", ())] for each in resources}
    assert {type: names for type, names in declared.items() if names} == {
        "Invoice": ["pay"],
        "Account": ["pay"],
        "Appointment": ["pre-pay"],
        "PaymentNotice": ["void"],
    }
    for name in ("pay", "pre-pay", "void"):
        assert (
            shop.json(f"OperationDefinition?url=https://w3id.org/fhir-facade/OperationDefinition/{name}")["total"] == 1
        )


def test_the_ledger_has_the_payment_before_the_gateway_hears_of_it(shop: Shop) -> None:
    heard: list[int] = []
    start = shop.gateway.start

    def watched(session: Any) -> Any:
        heard.append(len(shop.ledger))
        return start(session)

    shop.gateway.start = watched  # type: ignore[method-assign]
    shop.begun()
    assert heard == [1]


def test_what_is_taken_while_it_is_asked_what_is_due_is_not_paid_again(shop: Shop) -> None:
    """The first session is captured, and lets go of its lock, between the two looks of the second request."""
    shop.begun()
    before = shop.gateway.last
    bills = shop.practice.bills

    def meanwhile(patient: Any) -> Any:
        found = bills(patient)
        shop.practice.bills = bills  # type: ignore[method-assign]
        shop.notify(Outcome.CAPTURED, before)
        return found

    shop.practice.bills = meanwhile  # type: ignore[method-assign]
    refused(shop.pay(), 409, "conflict", "nothing-due")
