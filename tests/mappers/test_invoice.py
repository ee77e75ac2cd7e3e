"""A bill as an Invoice: production rules C."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.mappers.judge import Unrenderable
from fhir_facade.mappers.scene import Scene
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import Bill, BillState, Charge
from fhir_facade.settings.model import Bills
from tests.mappers.cases import CLINIC_SCENE, OWED, RIVERSIDE, SCENE, bare_bill, changed


def render(bill: Bill, scene: Scene = SCENE) -> dict[str, Any]:
    return MAPPERS["Invoice"].body(bill, scene)


def extensions(body: dict[str, Any]) -> dict[str, Any]:
    """Values by the last part of the extension's url."""
    return {
        e["url"].rpartition("/")[2]: next(value for key, value in e.items() if key != "url")
        for e in body.get("extension", ())
    }


def amounts(body: dict[str, Any]) -> dict[str, Decimal]:
    return {part["code"]["coding"][0]["code"]: part["amount"]["value"] for part in body.get("totalPriceComponent", ())}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (BillState.OWED, "issued"),
        (BillState.CREDIT, "balanced"),
        (BillState.SETTLED, "balanced"),
        (BillState.PENDING, "draft"),
        (BillState.CANCELLED, "cancelled"),
        (BillState.MISTAKE, "entered-in-error"),
    ],
)
def test_a_bills_state_is_its_status(state: BillState, status: str) -> None:
    assert render(bare_bill(state))["status"] == status


def test_a_bill_of_which_nothing_is_known_states_no_amount() -> None:
    body = render(bare_bill(BillState.PENDING))
    assert {"extension", "totalNet", "totalGross", "totalPriceComponent", "lineItem", "date"} & set(body) == set()


def test_totals_are_what_was_billed_and_never_what_is_owed() -> None:
    body = render(OWED)
    assert body["totalNet"] == body["totalGross"] == {"value": Decimal("125.16"), "currency": "USD"}
    assert extensions(body)["invoice-balance-due"]["value"] == amounts(body)["balance-due"] == Decimal("12.50")


def test_only_amounts_that_are_stated_appear_and_zero_is_stated() -> None:
    assert list(amounts(render(OWED))) == ["billed", "insurance-paid", "insurance-pending", "adjusted", "balance-due"]
    assert amounts(render(OWED))["insurance-pending"] == 0
    assert "patient-paid" in amounts(render(changed(OWED, patient_paid=Decimal("0.00"))))


def test_a_credit_is_negative() -> None:
    body = render(bare_bill(BillState.CREDIT, due=Decimal("-978.7")))
    assert extensions(body)["invoice-balance-due"]["value"] == Decimal("-978.7")
    assert body["status"] == "balanced"


@pytest.mark.parametrize(("collectable", "pay", "said"), [(1, 1, True), (1, 0, False), (0, 1, False), (0, 0, False)])
def test_a_bill_is_payable_where_the_source_and_the_authority_both_say_so(
    collectable: int, pay: int, said: bool
) -> None:
    scene = replace(SCENE, authority=replace(RIVERSIDE, bills=Bills(view=True, pay=bool(pay))))
    assert extensions(render(changed(OWED, collectable=bool(collectable)), scene))["invoice-collectable"] is said


@pytest.mark.parametrize("state", [state for state in BillState if state is not BillState.OWED])
def test_only_issued_bills_say_whether_they_can_be_paid(state: BillState) -> None:
    assert "invoice-collectable" not in extensions(render(bare_bill(state, collectable=True)))


def test_the_date_is_the_claims_else_the_services() -> None:
    assert render(OWED)["date"] == "2026-10-05"
    assert render(changed(OWED, created=None))["date"] == "2026-10-01"
    at = dt.datetime(2026, 10, 5, 8, tzinfo=dt.UTC)
    assert render(changed(OWED, created=at))["date"] == "2026-10-05T08:00:00Z"


def test_a_line_is_a_charge_with_its_code_and_base_price() -> None:
    first, second = render(OWED)["lineItem"]
    assert first["chargeItemCodeableConcept"]["coding"] == [
        {"system": "http://www.ama-assn.org/go/cpt", "code": "99213"},
        {"system": "http://www.ama-assn.org/go/cpt", "code": "99213:25"},
    ]
    assert [part["type"] for part in first["priceComponent"]] == ["base"]
    assert str(second["priceComponent"][0]["amount"]["value"]) == "0.16"


def test_modifiers_are_cpts_and_other_systems_have_none() -> None:
    local = Charge(amount=Decimal("1"), code="X 1", code_system="urn:oid:1.2.3", modifiers=("25",))
    [line] = render(bare_bill(BillState.OWED, charges=(local,)))["lineItem"]
    assert line["chargeItemCodeableConcept"]["coding"] == [{"system": "urn:oid:1.2.3", "code": "X 1"}]


def test_currency_is_the_bills_else_the_authoritys() -> None:
    assert render(OWED, CLINIC_SCENE)["totalNet"]["currency"] == "CAD"
    assert render(changed(OWED, currency="EUR"), CLINIC_SCENE)["totalNet"]["currency"] == "EUR"


def test_an_account_that_is_not_shown_is_not_named() -> None:
    assert "account" in render(OWED)
    assert "account" not in render(changed(OWED, account=None))


def test_the_settings_can_name_the_identifier_system() -> None:
    assert render(OWED, CLINIC_SCENE)["identifier"][0]["system"] == "https://lakeside.example/bills"


def test_texts_are_cleaned_so_that_a_bill_is_never_lost_to_a_space() -> None:
    untidy = Charge(amount=Decimal("1"), code=" 99213\u00a0", description="\x00\tVisit\u2003of \n today ")
    body = render(bare_bill(BillState.OWED, charges=(untidy,), description=" \u200b\x07 "))
    service = body["lineItem"][0]["chargeItemCodeableConcept"]
    assert (service["coding"][0]["code"], service["text"]) == ("99213", "Visit of today")


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("-Infinity"), 12.5, "12.50"])
def test_an_amount_that_is_no_exact_number_is_refused(amount: Any) -> None:
    with pytest.raises(Unrenderable, match=r"^Money is not valid R4 at value$"):
        render(changed(OWED, due=amount))


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(Unrenderable, match=r"^Invoice is not valid R4 at Invoice$"):
        render(changed(OWED, created=dt.datetime(2026, 1, 1, 8)))  # noqa: DTZ001
