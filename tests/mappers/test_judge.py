"""The judge bites: whatever R4 forbids and a mapper could get wrong is refused, by path, without a value."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.mappers.judge import Unrenderable, judge
from tests.mappers.cases import RESOURCES

Body = dict[str, Any]
URL = "https://example.org/x"


def put(*path: str | int, value: Any) -> Callable[[Body], None]:
    """A mutation that sets what lies at ``path``."""

    def mutate(body: Any) -> None:
        for step in path[:-1]:
            body = body[step]
        body[path[-1]] = value

    return mutate


def drop(*path: str | int) -> Callable[[Body], None]:
    """A mutation that removes what lies at ``path``."""

    def mutate(body: Any) -> None:
        for step in path[:-1]:
            body = body[step]
        del body[path[-1]]

    return mutate


LINE = ("lineItem", 0)
PRICE = (*LINE, "priceComponent", 0)
INVOICE: dict[str, Callable[[Body], None]] = {
    "no status": drop("status"),
    "a status that R4 does not have": put("status", value="not-a-status"),
    "a null": put("date", value=None),
    "an empty text": put("cancelledReason", value=""),
    "an unknown element": put("dueDate", value="2026-01-01"),
    "an unknown element deep inside": put("totalNet", "amount", value=1),
    "an amount as a text": put("totalNet", "value", value="12.50"),
    "an amount that is no number": put("totalNet", "value", value=Decimal("NaN")),
    "a currency that cannot be one": put("totalNet", "currency", value="usd"),
    "an id that is too long": put("id", value="x" * 65),
    "an id with a slash": put("id", value="a/b"),
    "a date without a zone": put("date", value="2026-01-01T10:00:00"),
    "a month that there is not": put("date", value="2026-13-01"),
    "a reference as a text": put("subject", value="Patient/1"),
    "a subject of the wrong type": put("subject", "reference", value="Practitioner/1"),
    "an issuer of the wrong type": put("issuer", "reference", value="Patient/1"),
    "an account of the wrong type": put("account", "reference", value="https://x.example/fhir/Invoice/1"),
    "an assigner of the wrong type": put("identifier", 0, "assigner", "reference", value="Patient/1"),
    "an empty list": put("lineItem", value=[]),
    "an object for a list": put("lineItem", value={"sequence": 1}),
    "a list for an object": put("subject", value=[]),
    "an empty object": put("subject", value={}),
    "a line without what was done": drop(*LINE, "chargeItemCodeableConcept"),
    "a line with two choices": put(*LINE, "chargeItemReference", value={"reference": "ChargeItem/1"}),
    "a line that refers to another type": lambda body: (
        drop(*LINE, "chargeItemCodeableConcept")(body),
        put(*LINE, "chargeItemReference", value={"reference": "Invoice/1"})(body),
    )[0],
    "a price without a type": drop(*PRICE, "type"),
    "a price of an unknown type": put(*PRICE, "type", value="total"),
    "a sequence that is no integer": put(*LINE, "sequence", value=Decimal("1.5")),
    "a sequence of zero": put(*LINE, "sequence", value=0),
    "a code with two spaces": put(*LINE, "chargeItemCodeableConcept", "coding", 0, "code", value="a  b"),
    "an extension without a url": drop("extension", 0, "url"),
    "an extension without a value": drop("extension", 0, "valueMoney"),
    "an extension with two values": put("extension", 0, "valueString", value="x"),
    "an extension with a value and extensions": put(
        "extension", 0, "extension", value=[{"url": "x", "valueCode": "y"}]
    ),
    "a flag as a text": put("extension", 2, "valueBoolean", value="true"),
    "a participant without an actor": put("participant", value=[{"role": {"text": "doctor"}}]),
    "another type's name": put("resourceType", value="Account"),
    "a type that is never written": put("resourceType", value="Observation"),
    "no type": drop("resourceType"),
    "a uri with a space": put("identifier", 0, "system", value="urn:x y"),
    "an empty uri": put("identifier", 0, "system", value=""),
    "a contained resource that is never contained": put(
        "contained", value=[{"resourceType": "Patient", "id": "p", "active": True}]
    ),
    "a lone surrogate": put("note", 0, "text", value="\ud800"),
    "a value of no JSON type": put("date", value=object()),
}
NOTICE: dict[str, Callable[[Body], None]] = {
    "a status that HL7's schema lets pass": put("status", value="posted"),
    "no created": drop("created"),
    "no payment": drop("payment"),
    "a payment of the wrong type": put("payment", "reference", value="Invoice/1"),
    "a recipient of the wrong type": put("recipient", "reference", value="Patient/1"),
    "no amount": drop("amount"),
    "a reconciliation without a status": drop("contained", 0, "status"),
    "a reconciliation without a date": drop("contained", 0, "paymentDate"),
    "a reconciliation without an amount": drop("contained", 0, "paymentAmount"),
    "a reconciliation of an unknown outcome": put("contained", 0, "outcome", value="done"),
    "a reconciliation without an id": drop("contained", 0, "id"),
    "a detail without a type": drop("contained", 0, "detail", 0, "type"),
    "contained in contained": put(
        "contained", 0, "contained", value=[{"resourceType": "Patient", "id": "p", "active": True}]
    ),
}
APPOINTMENT: dict[str, Callable[[Body], None]] = {
    "no participant": drop("participant"),
    "a participant without a status": drop("participant", 0, "status"),
    "an unknown status of a participant": put("participant", 0, "status", value="yes"),
    "an actor of the wrong type": put("participant", 0, "actor", "reference", value="Organization/1"),
    "a start that is only a day": put("start", value="2026-12-01"),
    "an empty extension of an absent end": put("_end", value={}),
}
BAD = [
    pytest.param(name, mutate, id=f"{name.partition('-')[0]}: {fault}")
    for name, faults in (
        ("Invoice-owed", INVOICE),
        ("PaymentNotice-two-bills", NOTICE),
        ("Appointment-can-be-prepaid", APPOINTMENT),
    )
    for fault, mutate in faults.items()
]


@pytest.mark.parametrize(("name", "mutate"), BAD)
def test_a_fault_is_refused(name: str, mutate: Callable[[Body], None]) -> None:
    body = copy.deepcopy(RESOURCES[name]())
    judge(body)
    mutate(body)
    with pytest.raises(Unrenderable):
        judge(body)


def test_a_refusal_names_the_path_and_no_value() -> None:
    body = copy.deepcopy(RESOURCES["Invoice-owed"]())
    body["lineItem"][1]["priceComponent"][0]["type"] = "Anna Example"
    with pytest.raises(Unrenderable) as refused:
        judge(body)
    assert str(refused.value) == "Invoice is not valid R4 at Invoice.lineItem[1].priceComponent[0].type"
    assert (refused.value.type, refused.value.path) == ("Invoice", "Invoice.lineItem[1].priceComponent[0].type")


def bundle(*resources: Body) -> Body:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource} for resource in resources]}


def test_the_resources_of_a_bundle_are_judged_each_by_its_type() -> None:
    good = RESOURCES["Invoice-owed"]()
    judge(bundle(good, RESOURCES["Account-with-balance"]()))
    judge({"resourceType": "Bundle", "type": "searchset"})
    with pytest.raises(Unrenderable, match=r"at Invoice\.status"):
        judge(bundle(good, good | {"status": "paid"}))


def test_a_long_bundle_with_a_fault_at_its_end_is_refused_at_once() -> None:
    good = RESOURCES["Invoice-owed"]()
    with pytest.raises(Unrenderable, match=r"at Invoice\.status"):
        judge(bundle(*[good] * 850, good | {"status": "paid"}))


def test_resources_and_parts_of_parameters_are_judged() -> None:
    notice = RESOURCES["PaymentNotice-visit"]()
    part = {"name": "outer", "part": [{"name": "inner", "resource": notice}]}
    judge({"resourceType": "Parameters", "parameter": [part]})
    part["part"] = [{"name": "inner", "resource": notice | {"status": "paid"}}]
    with pytest.raises(Unrenderable, match=r"at PaymentNotice\.status"):
        judge({"resourceType": "Parameters", "parameter": [part]})
