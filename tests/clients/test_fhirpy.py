"""Another client for Python, without models: searches, counts and follows pages by links it takes apart itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, ForbiddenError, OperationOutcome, ResourceNotFound

from tests.clients.conftest import Facade
from tests.clients.records import ANOTHER, BILLS, PAGE, PATIENT


def client(facade: Facade, token: str) -> SyncFHIRClient:
    return SyncFHIRClient(facade.base_url, authorization=f"Bearer {token}")


@pytest.fixture
def fhir(facade: Facade) -> SyncFHIRClient:
    return client(facade, facade.token())


def values(resources: list[Any]) -> list[str]:
    return [resource["identifier"][0]["value"] for resource in resources]


def patient(fhir: SyncFHIRClient) -> Any:
    return fhir.resources("Patient").get()


def test_all_bills_are_read_page_by_page(fhir: SyncFHIRClient) -> None:
    bills = fhir.resources("Invoice").search(patient=patient(fhir)).sort("date").limit(PAGE)
    assert values(bills.fetch()) == sorted(BILLS)[:PAGE]
    assert values(bills.fetch_all()) == sorted(BILLS)


def test_bills_are_counted(fhir: SyncFHIRClient) -> None:
    bills = fhir.resources("Invoice").search(patient=patient(fhir))
    assert bills.count() == len(BILLS)
    states = {state: bills.search(status=state).count() for state in ("issued", "balanced", "draft")}
    assert sum(states.values()) == len(BILLS)
    assert min(states.values()) > 0


def test_modifiers_and_prefixes_are_understood(fhir: SyncFHIRClient) -> None:
    bills = fhir.resources("Invoice").search(patient=patient(fhir))
    assert bills.search(status__not="issued").count() == len(BILLS) - bills.search(status="issued").count()
    large = bills.search(totalgross__gt=Decimal("200")).fetch_all()
    assert set(values(large)) == {number for number, billed in BILLS.items() if billed > 200}
    assert values(bills.search(identifier=max(BILLS)).fetch()) == [max(BILLS)]


def test_elements_are_left_out(fhir: SyncFHIRClient) -> None:
    [first] = fhir.resources("Invoice").search(patient=patient(fhir)).elements("totalGross").limit(1).fetch()
    assert {"id", "totalGross"} <= first.keys()
    assert not {"lineItem", "issuer", "identifier"} & first.keys()


@pytest.mark.parametrize("type", ["Invoice", "Account", "Appointment", "PaymentNotice"])
def test_what_is_found_is_read_by_its_id_and_refreshed(fhir: SyncFHIRClient, type: str) -> None:
    found = fhir.resources(type).search(patient=patient(fhir)).first()
    before = found.serialize()
    assert fhir.get(type, found.id) == before
    assert fhir.reference(type, found.id).to_resource().serialize() == before
    assert found.refresh().serialize() == before


def test_references_resolve(fhir: SyncFHIRClient) -> None:
    [payment] = fhir.resources("PaymentNotice").search(patient=patient(fhir)).fetch_all()
    bill = payment["request"].to_resource()
    assert Decimal(str(bill["totalGross"]["value"])) == BILLS[bill["identifier"][0]["value"]]
    assert bill["subject"].to_resource()["identifier"][0]["value"] == PATIENT
    assert bill["issuer"].to_resource()["name"] == "Riverside Medical Group"
    assert bill["account"].to_resource().resource_type == "Account"


def test_an_exchange_finds_a_patient_by_number(facade: Facade) -> None:
    exchange = client(facade, facade.token(patient="", scope="system/*.rs", client_id="exchange"))
    [found] = exchange.resources("Patient").search(identifier=PATIENT).fetch()
    chained = exchange.resources("Invoice").search(patient__identifier=PATIENT)
    assert chained.count() == exchange.resources("Invoice").search(patient=found).count() == len(BILLS)


def test_what_is_not_offered_is_said(fhir: SyncFHIRClient) -> None:
    bills = fhir.resources("Invoice").search(patient=patient(fhir)).include("Invoice", "subject").limit(PAGE)
    answer = bills.fetch_raw()
    [outcome] = [entry for entry in answer["entry"] if entry["search"]["mode"] == "outcome"]
    assert outcome["resource"]["issue"][0]["code"] == "not-supported"
    assert values(bills.fetch()) == values(fhir.resources("Invoice").limit(PAGE).fetch())
    with pytest.raises(OperationOutcome) as refused:
        fhir.resources("Invoice").search(patient__name="Ann").fetch()
    assert refused.value.resource["issue"][0]["code"] == "not-supported"


def test_refusals_are_told_apart(facade: Facade, fhir: SyncFHIRClient) -> None:
    others = patient(client(facade, facade.token(ANOTHER)))
    theirs = client(facade, facade.token(ANOTHER)).resources("Invoice").first()
    with pytest.raises(AuthorizationError):
        patient(client(facade, "garbage"))
    with pytest.raises(ForbiddenError):
        patient(client(facade, facade.token(scope="patient/Invoice.rs")))
    with pytest.raises(ResourceNotFound):
        fhir.get("Invoice", theirs.id)
    assert fhir.resources("Invoice").search(patient=others).fetch_all() == []
