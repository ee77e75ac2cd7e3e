"""A payment is taken back, as long as that is real."""

from __future__ import annotations

from decimal import Decimal

import pytest
from werkzeug.test import TestResponse

from fhir_facade.gateways.port import Capability, Outcome
from fhir_facade.payments.states import State
from tests.api.conftest import parsed
from tests.api.payments.conftest import Shop, refused
from tests.payments.fakes import GatewayDown
from tests.people import ANNA


def void(shop: Shop) -> TestResponse:
    return shop.post(f"PaymentNotice/{shop.record('PaymentNotice', ANNA, shop.ledger[-1].id)}/$void")


def test_a_session_that_nobody_has_paid_ends(shop: Shop) -> None:
    shop.begun()
    body = parsed(void(shop))
    shop.official(body)
    assert body["parameter"][0] == {"name": "amount", "valueMoney": {"value": Decimal("85.50"), "currency": "USD"}}
    assert shop.ledger[0].state is State.EXPIRED
    shop.begun(amount="1.00")


def test_a_session_that_was_paid_meanwhile_is_not_taken_back(shop: Shop) -> None:
    shop.begun()
    shop.gateway.says(shop.gateway.last, Outcome.CAPTURED)
    refused(void(shop), 409, "conflict", "not-voidable")
    assert shop.ledger[0].state is State.CAPTURED


def test_a_hold_is_let_go(shop: Shop) -> None:
    shop.begun()
    shop.notify(Outcome.AUTHORIZED)
    assert parsed(void(shop))["parameter"][1]["name"] == "payment-notice"
    assert shop.ledger[0].state is State.VOIDED


def test_what_was_taken_is_given_back_while_nobody_knows(shop: Shop) -> None:
    payment = shop.paid()
    void(shop)
    assert shop.ledger[0].state is State.VOIDED
    steps = [step.after for step in shop.house.till.ledger.history(payment.id)]
    assert steps[-3:] == ["captured", "needs-review", "voided"]
    shop.notify(Outcome.CAPTURED)
    assert shop.ledger[0].state is State.VOIDED


def test_a_gateway_that_does_not_answer_leaves_it_to_be_looked_at(shop: Shop) -> None:
    shop.paid()
    shop.gateway.failure = GatewayDown()
    refused(void(shop), 504, "timeout")
    assert (shop.ledger[0].state, shop.ledger[0].reason) == (State.NEEDS_REVIEW, "voiding")


@pytest.mark.parametrize("state", [State.POSTING, State.UNKNOWN, State.ACCEPTED, State.POSTED, State.NEEDS_REVIEW])
def test_what_the_billing_system_may_know_is_not_taken_back(shop: Shop, state: State) -> None:
    shop.house.till.ledger.note(shop.paid(), "test", state=state)
    refused(void(shop), 409, "conflict", "not-voidable")
    assert shop.ledger[0].state is state
    assert "void" not in shop.gateway.asked


def test_a_gateway_that_cannot_is_not_asked(shop: Shop) -> None:
    shop.gateway.capabilities = frozenset({Capability.HOLD})
    shop.paid()
    refused(void(shop), 409, "conflict", "not-voidable")
    assert shop.ledger[0].state is State.CAPTURED


def test_what_the_billing_system_alone_knows_is_for_its_staff(shop: Shop) -> None:
    response = shop.post(f"PaymentNotice/{shop.record('PaymentNotice', ANNA, 'e3800')}/$void")
    refused(response, 409, "conflict", "not-voidable")


def test_parameters_are_not_taken(shop: Shop) -> None:
    shop.begun()
    body = {"resourceType": "Parameters", "parameter": [{"name": "amount", "valueMoney": {"value": 1}}]}
    path = f"PaymentNotice/{shop.record('PaymentNotice', ANNA, shop.ledger[-1].id)}/$void"
    refused(shop.post(path, body), 400, "not-supported")
    assert shop.ledger[0].state is State.OPEN
