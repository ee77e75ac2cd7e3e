"""What is seen of payments: each once, from the session on, and what they leave to be paid."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.errors import Unreachable
from fhir_facade.files.pantry import Pantry
from fhir_facade.files.shelf import Shelf
from fhir_facade.gateways.port import Outcome
from fhir_facade.payments.states import NOT_VISIBLE_YET, State
from fhir_facade.records import Payment, PaymentState, Share
from fhir_facade.settings.model import Bills
from fhir_facade.state.database import Database
from fhir_facade.state.ledger import Ledger
from fhir_facade.state.memory import MemoryStore
from tests.api.conftest import outcomes
from tests.api.payments.conftest import Shop, refused
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS, EASTERN, RIVERSIDE

PAIDS = "http://terminology.hl7.org/CodeSystem/paymentstatus"
OURS = "https://w3id.org/fhir-facade/CodeSystem/payment-status"

SEEN = {
    State.OPEN: ("draft", None),
    State.AUTHORIZED: ("active", (OURS, "authorized")),
    State.CAPTURED: ("active", (PAIDS, "paid")),
    State.POSTING: ("active", (PAIDS, "paid")),
    State.UNKNOWN: ("active", (PAIDS, "paid")),
    State.ACCEPTED: ("active", (PAIDS, "paid")),
    State.NEEDS_REVIEW: ("active", (PAIDS, "paid")),
    State.POSTED: ("active", (PAIDS, "cleared")),
    State.DECLINED: ("cancelled", None),
    State.EXPIRED: ("cancelled", None),
    State.VOIDED: ("cancelled", (OURS, "voided")),
    State.MISTAKE: ("entered-in-error", None),
    State.REFUNDED: ("cancelled", (OURS, "refunded")),
    State.DISPUTED: ("active", (OURS, "disputed")),
    State.RETURNED: ("cancelled", (OURS, "returned")),
}


def known(number: str = "new1", **more: Any) -> Payment:
    """Anna's 85.50 for her bill 9301, as the practice knows it."""
    given: dict[str, Any] = {
        "state": PaymentState.POSTED,
        "amount": Decimal("85.50"),
        "taken": dt.datetime(2026, 11, 23, 7, 5, tzinfo=EASTERN),
        "shares": (Share(bill="9301", amount=Decimal("85.50"), parts=RIVERSIDE),),
        "parts": RIVERSIDE,
    }
    return Payment(number=number, patient="1001", **(given | more))


def ours(shop: Shop) -> Any:
    """The notice of the ledger's one payment."""
    id = shop.record("PaymentNotice", ANNA, shop.ledger[0].id)
    return shop.json(f"PaymentNotice/{id}")


def stand(shop: Shop, state: State, **more: Any) -> None:
    """As if everything had happened that leads there."""
    taken = {} if state in (State.OPEN, State.AUTHORIZED, State.DECLINED, State.EXPIRED) else {"captured": shop.now}
    (payment,) = shop.ledger
    shop.house.till.ledger.note(payment, "test", state=state, **taken, **more)


@pytest.mark.parametrize("state", State)
def test_a_payment_in_each_state(shop: Shop, state: State) -> None:
    shop.begun()
    stand(shop, state)
    notice = ours(shop)
    coding = notice.get("paymentStatus", {}).get("coding", [{}])[0]
    assert (notice["status"], (coding["system"], coding["code"]) if coding else None) == SEEN[state]
    assert notice["amount"] == {"value": Decimal("85.50"), "currency": "USD"}
    assert notice["request"]["reference"] == f"Invoice/{shop.record('Invoice', ANNA, '9301')}"
    assert [each["id"] for each in shop.notices()].count(notice["id"]) == 1


def test_before_it_is_taken_it_says_so(shop: Shop) -> None:
    shop.begun()
    notice = ours(shop)
    assert "contained" not in notice
    assert notice["payment"]["display"] == "not paid yet"
    assert notice["payment"]["identifier"]["value"] == shop.ledger[0].id


def test_afterwards_it_holds_its_reconciliation(shop: Shop) -> None:
    shop.paid("1", "Account")
    notice = ours(shop)
    (reconciliation,) = notice["contained"]
    assert notice["payment"] == {"reference": "#reconciliation", "display": "visa ending in 1111"}
    assert notice["paymentDate"] == reconciliation["paymentDate"] == "2026-11-23"
    assert notice["request"]["reference"].startswith("Account/")
    assert [part["request"]["reference"] for part in reconciliation["detail"]] == [
        f"Invoice/{shop.record('Invoice', ANNA, '9301')}"
    ]


def test_it_is_seen_at_once(shop: Shop) -> None:
    """Everything that tells of the patient's money is kept when it is paid."""
    bill, place = shop.record("Invoice", ANNA, "9301"), f"Invoice?patient={shop.patient(ANNA)}"
    shop.json(place)
    assert len(shop.notices()) == 1
    shop.paid(amount="80.00")
    assert len(shop.notices()) == 2
    invoice = shop.json(f"Invoice/{bill}")
    pending = [c["amount"]["value"] for c in invoice["totalPriceComponent"] if _code(c) == "payment-pending"]
    assert pending == [Decimal("80.00")]


def _code(component: Any) -> str:
    code: str = component["code"]["coding"][0]["code"]
    return code


@pytest.mark.parametrize("state", State)
def test_what_is_pending_is_what_was_taken_and_is_not_visible(shop: Shop, state: State) -> None:
    shop.begun()
    stand(shop, state)
    invoice = shop.json(f"Invoice/{shop.record('Invoice', ANNA, '9301')}")
    codes = [_code(component) for component in invoice["totalPriceComponent"]]
    assert ("payment-pending" in codes) is (state in NOT_VISIBLE_YET)
    collectable = next(e for e in invoice["extension"] if e["url"].endswith("collectable"))["valueBoolean"]
    assert collectable is (state not in NOT_VISIBLE_YET)


def test_what_was_paid_in_advance_is_expected_no_more(shop: Shop) -> None:
    visit = f"Appointment/{shop.record('Appointment', ANNA, '5001')}"
    shop.json(visit)
    shop.paid("5001", "Appointment", amount="15.00")
    (prepay,) = shop.json(visit)["extension"]
    assert prepay["extension"][1]["valueMoney"]["value"] == Decimal("5.00")
    shop.paid("5001", "Appointment")
    (prepay,) = shop.json(visit)["extension"]
    assert prepay["extension"] == [{"url": "allowed", "valueBoolean": False}]


@pytest.mark.parametrize("state", [State.POSTING, State.UNKNOWN, State.ACCEPTED, State.NEEDS_REVIEW, State.POSTED])
def test_what_both_know_is_one_and_its_id_never_changes(shop: Shop, state: State) -> None:
    shop.paid()
    id = ours(shop)["id"]
    shop.practice.say(known())
    external = {"external": "new1"} if state is State.POSTED else {}
    stand(shop, state, **external)
    assert sorted(each["id"] for each in shop.notices()) == sorted([id, shop.record("PaymentNotice", ANNA, "e3800")])
    assert [each["value"] for each in ours(shop)["identifier"]] == [shop.ledger[0].id, "new1"]
    found = shop.json(f"PaymentNotice?patient={shop.patient(ANNA)}&identifier=new1")
    assert [entry["resource"]["id"] for entry in found["entry"]] == [id]


@pytest.mark.parametrize(
    "other",
    [
        known(amount=Decimal("85.49")),
        known(shares=(Share(bill="9302", amount=Decimal("85.50"), parts=RIVERSIDE),)),
        known(taken=dt.datetime(2026, 11, 20, 7, 5, tzinfo=EASTERN)),
    ],
)
def test_another_payment_is_another(shop: Shop, other: Payment) -> None:
    shop.paid()
    shop.practice.say(other)
    stand(shop, State.POSTED)
    assert len(shop.notices()) == 3


def test_a_number_decides_where_there_is_one(shop: Shop) -> None:
    shop.paid()
    shop.practice.say(known("new2"))
    stand(shop, State.POSTED, external="new1")
    assert len(shop.notices()) == 3


def test_before_it_is_told_nothing_there_is_the_same(shop: Shop) -> None:
    shop.practice.say(known())
    shop.paid()
    assert len(shop.notices()) == 3


def test_what_staff_void_later_is_void(shop: Shop) -> None:
    shop.paid()
    shop.practice.say(known(state=PaymentState.VOIDED))
    stand(shop, State.POSTED, external="new1")
    assert ours(shop)["status"] == "cancelled"


def numbers(notices: Any) -> list[str]:
    return [each["value"] for notice in notices for each in notice["identifier"]]


def test_it_is_its_own_authoritys_and_patients(shop: Shop) -> None:
    payment = shop.paid()
    assert payment.id in numbers(shop.notices())
    for who in (ANNA_AT_LAKESIDE, BORIS):
        assert payment.id not in numbers(shop.notices(who))
    assert shop.json(f"PaymentNotice?patient={shop.patient(ANNA)}&assigner=lakeside")["total"] == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=active", True),
        ("status=draft", False),
        (f"payment-status={PAIDS}|paid", True),
        (f"payment-status={PAIDS}|cleared", False),
        ("created=2026-11-23", True),
        ("created=lt2026-11-23", False),
        ("assigner=riverside", True),
        ("assigner=clinic", False),
        ("request=Invoice/{bill}", True),
        ("covers=Invoice/{bill}", True),
        ("covers=Invoice/{other}", False),
        ("identifier={number}", True),
    ],
)
def test_it_is_searched_as_others(shop: Shop, query: str, found: bool) -> None:
    payment = shop.paid()
    bill, other = (shop.record("Invoice", ANNA, own) for own in ("9301", "9302"))
    asked = query.format(bill=bill, other=other, number=payment.id)
    bundle = shop.json(f"PaymentNotice?patient={shop.patient(ANNA)}&{asked}", Prefer="handling=strict")
    assert outcomes(bundle) == []
    ids = [entry["resource"]["id"] for entry in bundle.get("entry", ())]
    assert (shop.record("PaymentNotice", ANNA, payment.id) in ids) is found


def test_payments_in_advance_are_seen_where_bills_are_not(shop: Shop) -> None:
    shop.paid("5001", "Appointment")
    shop.resettle(authorities=tuple(replace_bills(shop)))
    assert [each["request"]["reference"].partition("/")[0] for each in shop.notices()] == ["Appointment"]


def replace_bills(shop: Shop) -> Any:
    return (replace(each, bills=Bills()) for each in shop.settings.authorities)


def test_a_billing_system_that_is_away_is_told_about(shop: Shop) -> None:
    shop.paid()
    shop.practice.failure = Unreachable("x")
    response = shop.get(f"PaymentNotice/{shop.record('PaymentNotice', ANNA, shop.ledger[0].id)}")
    refused(response, 502, "transient")


def test_a_fetch_under_way_does_not_bring_back_what_was_before(shop: Shop) -> None:
    bill = f"Invoice/{shop.record('Invoice', ANNA, '9301')}"
    bills, begun = shop.practice.bills, []

    def meanwhile(patient: Any) -> Any:
        found = bills(patient)
        if not begun:
            begun.append(1)
            shop.house.till.ledger.note(shop.ledger[0], "test", state=State.CAPTURED, captured=shop.now)
        return found

    shop.begun()
    shop.house.cabinet.shelf.drop("practice", "1001")
    shop.practice.bills = meanwhile  # type: ignore[method-assign]
    shop.json(bill)
    codes = [_code(component) for component in shop.json(bill)["totalPriceComponent"]]
    assert "payment-pending" in codes
    assert shop.practice.asked.count("bills") == 3


def test_another_workers_payment_is_heard_of(shop: Shop) -> None:
    """The change comes by the state alone, as from another process."""
    bill = f"Invoice/{shop.record('Invoice', ANNA, '9301')}"
    shop.begun()
    shop.json(bill)
    database = Database(shop.settings.server.state)
    other = Ledger(database, lambda: shop.now)
    other.note(shop.ledger[0], "test", state=State.CAPTURED, captured=shop.now)
    database.close()
    shop.house.till.news.listen()
    assert "payment-pending" in [_code(component) for component in shop.json(bill)["totalPriceComponent"]]


def test_what_machines_share_is_not_older_than_the_payment(shop: Shop) -> None:
    """Another machine's kept answer is as good as none, once the payment has changed."""
    pantry, key = Pantry(MemoryStore(), b"k" * 32, 8), shop.house.finder.file("Invoice", ANNA)

    def machine() -> Any:
        return replace(shop.house.cabinet, pantry=pantry, shelf=Shelf(1)).open([key]).files[0]

    machine()
    machine()
    assert shop.practice.asked.count("bills") == 1
    shop.later(1)
    shop.paid()
    asked = shop.practice.asked.count("bills")
    shop.later(1)
    machine()
    machine()
    assert shop.practice.asked.count("bills") == asked + 1


def test_an_expired_session_that_is_paid_after_all_counts(shop: Shop) -> None:
    shop.begun()
    shop.notify(Outcome.EXPIRED)
    shop.notify(Outcome.CAPTURED)
    assert ours(shop)["paymentStatus"]["coding"][0]["code"] == "paid"
