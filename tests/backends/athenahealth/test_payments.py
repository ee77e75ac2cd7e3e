"""Receipts and transactions become payments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.athenahealth.payments import payments, union
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import AccountLink, BillState, Payment, PaymentState, Share
from tests.backends.athenahealth.payloads import Json, Surprises, names, paid_claim, receipt, the_chart, transaction

PARTS = {"provider_group": "1", "departments": "1"}
EASTERN_SUMMER = dt.timezone(-dt.timedelta(hours=4))


def of(receipts: list[Json], *claims: Json, surprises: Surprises | None = None, **fields: Any) -> dict[str, Payment]:
    heard = Surprises() if surprises is None else surprises
    mapped = payments(the_chart(*claims, **fields), receipts, names(), heard)
    assert len({payment.key for payment in mapped}) == len(mapped)
    return {payment.key: payment for payment in mapped}


def test_a_payment_and_its_receipt_are_one() -> None:
    claim = paid_claim(9301, transaction(1, -5, epaymentid=3800), patientbalance="85.5")
    assert of([receipt("3800", amount="5")], claim) == {
        "e3800": Payment(
            number="3800",
            key="e3800",
            parts=PARTS,
            patient="1001",
            state=PaymentState.POSTED,
            amount=Decimal(5),
            taken=dt.datetime(2025, 7, 9, 11, 40, 34, tzinfo=EASTERN_SUMMER),
            shares=(Share(bill="9301", amount=Decimal(5), parts=PARTS, state=BillState.OWED),),
            account=AccountLink(number="1001-1", parts={"provider_group": "1"}),
            method="Visa",
            last4="1111",
        )
    }


def test_a_receipt_for_several_charges_and_claims_has_a_share_for_each_claim() -> None:
    first = paid_claim(9301, transaction(1, -5, epaymentid=3800), transaction(2, "-.16", epaymentid=3800))
    second = paid_claim(9302, transaction(3, -4, epaymentid=3800), departmentid=21, patientbalance=-1)
    payment = of([receipt("3800", amount="10")], first, second)["e3800"]
    assert payment.amount == Decimal(10)  # the rest is unapplied
    assert [(share.bill, share.amount) for share in payment.shares] == [("9301", Decimal("5.16")), ("9302", Decimal(4))]
    assert [share.state for share in payment.shares] == [None, BillState.CREDIT]
    assert payment.parts == {"provider_group": "1"}


def test_cash_is_known_by_its_transaction_alone() -> None:
    payment = of([], paid_claim(9301, transaction(73256, "-7.5")))["t73256"]
    assert (payment.number, payment.amount, payment.taken) == ("73256", Decimal("7.5"), dt.date(2025, 7, 9))
    assert (payment.method, payment.last4) == ("", "")


def test_a_receipt_and_a_transaction_of_the_same_number_are_two_payments() -> None:
    assert set(of([receipt("7")], paid_claim(9301, transaction(7, -5)))) == {"e7", "t7"}


def test_a_card_payment_whose_receipt_another_department_has_is_there() -> None:
    payment = of([], paid_claim(9301, transaction(1, -5, epaymentid=3800)))["e3800"]
    assert (payment.amount, payment.state) == (Decimal(5), PaymentState.POSTED)


def test_a_receipt_without_a_claim_belongs_to_no_part() -> None:
    payment = of([receipt("3802", amount="9.01")])["e3802"]
    assert (payment.parts, payment.shares) == ({}, ())
    assert payment.amount == Decimal("9.01")


def test_unapplied_money_is_the_accounts_where_there_is_only_one() -> None:
    two = [{"providergroupid": 1}, {"providergroupid": 2}]
    assert of([receipt("1")])["e1"].account == AccountLink(number="1001-1", parts={"provider_group": "1"})
    assert of([receipt("1")], balances=two)["e1"].account is None


@pytest.mark.parametrize("kind", ["VOID", "VOIDPURCHASE"])
def test_voids_are_voided_and_positive(kind: str) -> None:
    payment = of([receipt("3803", type=kind, amount="9.01")])["e3803"]
    assert (payment.state, payment.amount) == (PaymentState.VOIDED, Decimal("9.01"))


def test_an_authorization_is_no_payment() -> None:
    surprises = Surprises()
    assert of([receipt("3805", type="AUTHORIZATION", amount="0")], surprises=surprises) == {}
    assert surprises == []


def test_a_receipt_of_an_unknown_type_or_of_nothing_is_told_and_no_payment() -> None:
    surprises = Surprises()
    assert of([receipt("1", type="REFUND"), receipt("2", amount="0")], surprises=surprises) == {}
    assert surprises == ["$[0]", "$[1]"]


def test_transfers_and_insurers_payments_are_no_payments_of_the_patient() -> None:
    rows = [
        transaction(1, -90, type="TRANSFEROUT", transfertype="1"),
        transaction(2, 90, type="TRANSFERIN", transfertype="p"),
        transaction(3, -50, transfertype="1"),
        transaction(4, -50, transfertype="2"),
        transaction(5, -50, transfertype=None),
        transaction(6, -10, type="ADJUSTMENT"),
    ]
    assert of([], paid_claim(9301, *rows)) == {}


def test_an_electronic_payment_is_the_patients_whatever_the_transfer_type() -> None:
    assert set(of([], paid_claim(9301, transaction(1, -5, transfertype=None, epaymentid=3800)))) == {"e3800"}


def test_a_payment_taken_back_in_full_is_voided_and_keeps_its_amount() -> None:
    back_and_forth = [transaction(1, -20, epaymentid=3800), transaction(2, 20, epaymentid=3800, date="07/10/2025")]
    payment = of([], paid_claim(9301, *back_and_forth))["e3800"]
    assert (payment.state, payment.amount) == (PaymentState.VOIDED, Decimal(20))
    assert payment.taken == dt.date(2025, 7, 9)
    assert [share.amount for share in payment.shares] == [Decimal(20)]


def test_a_payment_moved_to_another_claim_has_one_share() -> None:
    source = paid_claim(1, transaction(1, -20, epaymentid=3800), transaction(2, 20, epaymentid=3800))
    target = paid_claim(2, transaction(3, -20, epaymentid=3800))
    payment = of([receipt("3800", amount="20")], source, target)["e3800"]
    assert [(share.bill, share.amount) for share in payment.shares] == [("2", Decimal(20))]


def test_what_takes_back_a_payment_that_is_not_listed_is_told_and_no_payment() -> None:
    surprises = Surprises()
    assert of([], paid_claim(9301, transaction(1, 20)), surprises=surprises) == {}
    assert surprises == ["$[0].claimbalancedetails[0].claimdetails[0].chargeleveldetail[0].transactions[0]"]


def test_a_payment_across_groups_belongs_to_no_part_and_no_account_as_a_whole() -> None:
    groups = [
        {"providergroupid": 1, "claimdetails": [paid_claim(1, transaction(1, -5, epaymentid=3800))]},
        {"providergroupid": 2, "claimdetails": [paid_claim(2, transaction(2, -4, epaymentid=3800), departmentid=62)]},
    ]
    payment = of([receipt("3800", amount="9")], claimbalancedetails=groups)["e3800"]
    assert (payment.parts, payment.account) == ({}, None)
    assert [share.parts["provider_group"] for share in payment.shares] == ["1", "2"]


def test_a_payment_without_any_date_is_a_surprise() -> None:
    with pytest.raises(UnexpectedShape) as raised:
        of([], paid_claim(9301, transaction(1, -5, date=None)))
    assert raised.value.path.endswith("transactions[0].date")


def test_departments_receipts_are_united() -> None:
    assert [row["epaymentid"] for row in union([[receipt("1"), receipt("2")], [receipt("2"), receipt("3")]])] == [
        "1",
        "2",
        "3",
    ]
