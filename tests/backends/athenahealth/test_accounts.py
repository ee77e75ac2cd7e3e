"""Balances become accounts."""

from __future__ import annotations

from decimal import Decimal

from fhir_facade.backends.athenahealth.accounts import accounts
from fhir_facade.records import Account
from tests.backends.athenahealth.payloads import claim_balance, names, the_chart


def test_each_provider_group_has_an_account() -> None:
    rows = [
        {"providergroupid": 1, "balance": "-978.7", "collectionsbalance": "0", "paymentplanbalance": ".16"},
        {"providergroupid": "2", "balance": 0},
    ]
    first, second = accounts(the_chart(balances=rows), names().departments)
    assert first == Account(
        number="1001-1",
        parts={"provider_group": "1"},
        patient="1001",
        name="Riverside",
        balance=Decimal("-978.7"),
        collections_balance=Decimal(0),
        payment_plan_balance=Decimal(".16"),
    )
    assert second.parts == {"provider_group": "2"}
    assert (second.balance, second.collections_balance) == (Decimal(0), None)


def test_a_balance_is_not_the_sum_of_the_claims() -> None:
    chart = the_chart(claim_balance(patientbalance="85.5"), balances=[{"providergroupid": 1}])
    [account] = accounts(chart, names().departments)
    assert account.balance is None


def test_a_patient_without_balances_has_no_account() -> None:
    assert accounts(the_chart(balances=None), {}) == ()
