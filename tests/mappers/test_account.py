"""An account's balance is HL7's extension, and only there where the source states it."""

from __future__ import annotations

from decimal import Decimal

from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import Account
from tests.mappers.cases import SCENE


def test_a_balance_carries_r5s_extension_and_a_credit_is_negative() -> None:
    body = MAPPERS["Account"].body(Account(number="1", patient="1001", balance=Decimal("-3.10")), SCENE)
    [balance] = body["extension"]
    assert balance["url"] == "http://hl7.org/fhir/5.0/StructureDefinition/extension-Account.balance"
    aggregate, amount = balance["extension"]
    assert aggregate["valueCodeableConcept"]["coding"] == [
        {"system": "http://hl7.org/fhir/account-aggregate", "code": "patient"}
    ]
    assert str(amount["valueMoney"]["value"]) == "-3.10"


def test_an_unknown_balance_is_absent_and_zero_is_known() -> None:
    unknown = MAPPERS["Account"].body(Account(number="1", patient="1001"), SCENE)
    zero = MAPPERS["Account"].body(Account(number="1", patient="1001", balance=Decimal("0")), SCENE)
    assert ("extension" in unknown, "extension" in zero) == (False, True)


def test_an_account_is_a_patient_billing_account_of_its_authority() -> None:
    body = MAPPERS["Account"].body(Account(number="1", patient="1001", active=False), SCENE)
    assert (body["status"], body["type"]["coding"][0]["code"]) == ("inactive", "PBILLACCT")
    assert (body["owner"]["reference"], body["subject"][0]["reference"]) == (
        "Organization/riverside",
        "Patient/riverside.1001",
    )
