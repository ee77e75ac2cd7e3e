"""A patient's standing with one financial group → Account.  https://hl7.org/fhir/R4/account.html"""

from __future__ import annotations

from fhir_facade.mappers.elements import Body, concept, text
from fhir_facade.mappers.scene import Scene
from fhir_facade.records import Account, Kind

TYPE = "Account"
KIND = Kind.ACCOUNTS

STATUS = {True: "active", False: "inactive"}
PATIENT_BILLING = concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "PBILLACCT", "patient billing account")
# R4 has no balance; this is how HL7 carries R5's: the patient's part of what is owed, a credit being negative
BALANCE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Account.balance"
PATIENT_PART = {
    "url": "aggregate",
    "valueCodeableConcept": concept("http://hl7.org/fhir/account-aggregate", "patient"),
}


def render(account: Account, scene: Scene) -> Body:
    """The Account, with its balance where the source states one."""
    body: Body = {"resourceType": TYPE, "id": scene.id(TYPE, account.patient, account.number)}
    if account.balance is not None:
        amount = {"url": "amount", "valueMoney": scene.money(account.balance, account.currency)}
        body["extension"] = [{"url": BALANCE, "extension": [PATIENT_PART, amount]}]
    body["identifier"] = scene.identifier(TYPE, account.number)
    body["status"] = STATUS[account.active]
    body["type"] = PATIENT_BILLING
    name = text(account.name)
    if name:
        body["name"] = name
    body["subject"] = [scene.patient(account.patient)]
    body["owner"] = scene.organization
    return body
