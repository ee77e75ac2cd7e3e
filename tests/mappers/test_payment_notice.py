"""A payment as a PaymentNotice: what it was for, and what an authority does not show of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.mappers.scene import Scene
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import BillState, Payment, PaymentState, Share
from tests.mappers.cases import CLINIC_SCENE, NEW_YORK, PAID, SCENE, TWO_BILLS, changed

INVOICE, ACCOUNT, APPOINTMENT = "Invoice/riverside.1001.501", "Account/riverside.1001.1", "Appointment/riverside.1001.9"


def render(payment: Payment, scene: Scene = SCENE) -> dict[str, Any]:
    return MAPPERS["PaymentNotice"].body(payment, scene)


def request(payment: Payment, scene: Scene = SCENE) -> str | None:
    said: str | None = render(payment, scene).get("request", {}).get("reference")
    return said


def details(payment: Payment, scene: Scene = SCENE) -> list[tuple[str | None, str]]:
    """The bill and the amount of each detail."""
    [reconciliation] = render(payment, scene)["contained"]
    return [
        (detail.get("request", {}).get("reference"), str(detail["amount"]["value"]))
        for detail in reconciliation.get("detail", ())
    ]


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (PaymentState.POSTED, "active", "cleared"),
        (PaymentState.VOIDED, "cancelled", "voided"),
        (PaymentState.MISTAKE, "entered-in-error", None),
    ],
)
def test_a_payments_state_is_its_status(state: PaymentState, status: str, code: str | None) -> None:
    body = render(changed(PAID, state=state))
    assert (body["status"], body["contained"][0]["status"]) == (status, status)
    assert body.get("paymentStatus", {"coding": [{"code": None}]})["coding"][0]["code"] == code


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, INVOICE),
        ({"account": None}, INVOICE),
        ({"visit": "9"}, INVOICE),
        ({"shares": TWO_BILLS}, ACCOUNT),
        ({"shares": TWO_BILLS, "account": None}, None),
        ({"shares": ()}, ACCOUNT),
        ({"shares": (), "visit": "9"}, APPOINTMENT),
        ({"shares": (), "account": None}, None),
        ({"amount": Decimal("25")}, ACCOUNT),  # five of it are not applied to the bill
        ({"amount": Decimal("25"), "account": None}, INVOICE),
    ],
    ids=str,
)
def test_a_payment_is_for_the_one_bill_or_visit_else_for_the_account(changes: dict[str, Any], said: str | None) -> None:
    assert request(changed(PAID, **changes)) == said


def test_several_bills_are_named_in_the_reconciliation_each_with_its_share() -> None:
    assert details(changed(PAID, shares=TWO_BILLS)) == [(INVOICE, "15"), ("Invoice/riverside.1001.502", "5.00")]


@pytest.mark.parametrize("state", [*BillState, None])
def test_without_pending_only_a_bill_that_is_surely_shown_is_named(state: BillState | None) -> None:
    payment = changed(PAID, shares=(Share(bill="501", amount=Decimal("20"), state=state),))
    shown = state in (BillState.OWED, BillState.CREDIT)
    bill = "Invoice/clinic.1001.501" if shown else None
    assert request(payment, CLINIC_SCENE) == (bill or "Account/clinic.1001.1")
    assert details(payment, CLINIC_SCENE) == [(bill, "20")]
    assert request(payment) == INVOICE


def test_a_hidden_bills_number_is_nowhere_in_the_notice() -> None:
    payment = changed(PAID, shares=(Share(bill="H1DD3N", amount=Decimal("20")),), account=None)
    assert "H1DD3N" not in str(render(payment, CLINIC_SCENE))
    assert "request" not in render(payment, CLINIC_SCENE)


def test_a_visit_is_not_named_where_appointments_do_not_exist() -> None:
    scene = replace(SCENE, authority=replace(SCENE.authority, appointments=False))
    assert request(changed(PAID, shares=(), visit="9", account=None), scene) is None


def test_the_day_of_a_payment_is_the_day_where_it_was_taken() -> None:
    late = dt.datetime(2026, 7, 9, 23, 30, tzinfo=NEW_YORK)
    body = render(changed(PAID, taken=late))
    assert (body["created"], body["paymentDate"]) == ("2026-07-09T23:30:00-04:00", "2026-07-09")
    day = render(changed(PAID, taken=dt.date(2026, 7, 9)))
    assert day["created"] == day["paymentDate"] == day["contained"][0]["paymentDate"] == "2026-07-09"


def test_the_id_follows_the_key_and_the_identifier_the_number() -> None:
    body = render(PAID)
    assert (body["id"], body["identifier"][0]["value"]) == ("riverside.1001.receipt-5159", "5159")
    assert render(changed(PAID, key=""))["id"] == "riverside.1001.5159"


@pytest.mark.parametrize(
    ("method", "last4", "display"),
    [
        ("Visa", "4242", "Visa ending in 4242"),
        ("Check", "", "Check"),
        ("", "4242", "ending in 4242"),
        ("", "", None),
    ],
)
def test_the_means_of_payment_is_shown_on_its_reference(method: str, last4: str, display: str | None) -> None:
    payment = render(changed(PAID, method=method, last4=last4))["payment"]
    assert (payment["reference"], payment.get("display")) == ("#reconciliation", display)


def test_the_notice_names_its_patient() -> None:
    [extension] = render(PAID)["extension"]
    assert extension["url"] == "https://w3id.org/fhir-facade/StructureDefinition/payment-notice-patient"
    assert extension["valueReference"]["reference"] == "Patient/riverside.1001"
