"""What a switch turns off exists on no path (fhir-contract.md §3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fhir_facade.records import AccountLink, Bill, BillState
from fhir_facade.settings.model import Bills
from tests.api.conftest import AUTHORITIES, Facade, Facades, numbers
from tests.people import ANNA, ANNA_AT_LAKESIDE, LAKESIDE, RIVERSIDE

BOTH = (ANNA, ANNA_AT_LAKESIDE)


def with_lakeside(facades: Facades, **switches: object) -> Facade:
    riverside, lakeside, clinic = AUTHORITIES
    return facades((riverside, replace(lakeside, **switches), clinic))  # type: ignore[arg-type]


def both(facade: Facade) -> str:
    return ",".join(facade.patient(key) for key in BOTH)


ALL_OFF = {"bills": Bills(), "appointments": False, "prepay": False}


def test_an_authority_with_everything_off_does_not_exist(facades: Facades) -> None:
    facade = with_lakeside(facades, **ALL_OFF)
    facade.json("Organization/lakeside", 404)
    facade.json(f"Patient/{facade.patient(ANNA_AT_LAKESIDE)}", 404)
    facade.json(f"Invoice/{facade.record('Invoice', ANNA_AT_LAKESIDE, '9401')}", 404)
    assert facade.systems["practice"].asked == []
    assert facade.json("Organization")["total"] == 2
    assert numbers(facade.json(f"Invoice?patient={both(facade)}&assigner=lakeside")) == []
    assert facade.json(f"Invoice?patient={both(facade)}")["total"] == 4
    assert facade.json("Location")["total"] == 1


def test_not_even_by_reference(facades: Facades) -> None:
    facade = with_lakeside(facades, **ALL_OFF)
    text = facade.get(f"PaymentNotice?patient={both(facade)}").get_data(as_text=True)
    assert "lakeside" not in text
    assert facade.record("Invoice", ANNA_AT_LAKESIDE, "9401") not in text
    assert "4.01" not in text
    assert "9.01" not in text


def test_bills_off_leaves_appointments(facades: Facades) -> None:
    riverside, lakeside, clinic = AUTHORITIES
    facade = facades((replace(riverside, bills=Bills()), lakeside, clinic))
    assert facade.json(f"Invoice?patient={facade.patient(ANNA)}")["total"] == 0
    assert facade.json(f"Account?patient={facade.patient(ANNA)}")["total"] == 0
    assert facade.json(f"PaymentNotice?patient={facade.patient(ANNA)}")["total"] == 0
    assert facade.json(f"Appointment?patient={facade.patient(ANNA)}")["total"] == 2
    facade.json(f"Invoice/{facade.record('Invoice', ANNA, '9301')}", 404)


def test_appointments_off_leaves_bills(facades: Facades) -> None:
    riverside, lakeside, clinic = AUTHORITIES
    facade = facades((replace(riverside, appointments=False, prepay=False), lakeside, clinic))
    facade.json(f"Appointment/{facade.record('Appointment', ANNA, '5001')}", 404)
    assert facade.json(f"Appointment?patient={facade.patient(ANNA)}")["total"] == 0
    assert facade.json(f"Invoice?patient={facade.patient(ANNA)}")["total"] == 4


def test_pending_off_hides_drafts_in_totals_and_reads(facades: Facades) -> None:
    riverside, lakeside, clinic = AUTHORITIES
    facade = facades((replace(riverside, bills=Bills(view=True, pending=False)), lakeside, clinic))
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}")
    assert (bundle["total"], numbers(bundle)) == (3, ["9304", "9302", "9301"])
    facade.json(f"Invoice/{facade.record('Invoice', ANNA, '9303')}", 404)


def test_a_disabled_billing_system_is_all_off(facades: Facades) -> None:
    facade = facades(enabled=False)
    facade.json("Organization/riverside", 404)
    assert facade.json("Organization")["total"] == 0
    assert {entry["type"] for entry in facade.json("metadata")["rest"][0]["resource"]} == {
        "Organization",
        "SearchParameter",
        "OperationDefinition",
        "StructureDefinition",
        "CodeSystem",
        "ValueSet",
    }


@pytest.mark.parametrize("switch", [True, False])
def test_collectable_is_said_only_where_paying_is_on(facades: Facades, switch: bool) -> None:
    riverside, lakeside, clinic = AUTHORITIES
    facade = facades((replace(riverside, bills=Bills(view=True, pay=switch)), lakeside, clinic))
    invoice = facade.json(f"Invoice/{facade.record('Invoice', ANNA, '9301')}")
    said = {e["url"].rpartition("/")[2]: e for e in invoice["extension"]}
    assert said["invoice-collectable"]["valueBoolean"] is switch


def test_an_account_that_is_not_released_is_not_referred_to(facade: Facade) -> None:
    own, foreign = AccountLink(number="1", parts=RIVERSIDE), AccountLink(number="2", parts=LAKESIDE)
    facade.systems["practice"].new_bills += [
        Bill(number=number, patient="1001", state=BillState.OWED, parts=RIVERSIDE, account=account)
        for number, account in (("9901", own), ("9902", foreign))
    ]
    named = [
        facade.json(f"Invoice/{facade.record('Invoice', ANNA, number)}").get("account", {}).get("reference")
        for number in ("9901", "9902")
    ]
    assert named == [f"Account/{facade.record('Account', ANNA, '1')}", None]
