"""SMART's client for Python reads a patient's bills to the last page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.account import Account
from fhirclient.models.appointment import Appointment
from fhirclient.models.invoice import Invoice
from fhirclient.models.patient import Patient
from fhirclient.models.paymentnotice import PaymentNotice
from fhirclient.server import FHIRNotFoundException, FHIRPermissionDeniedException, FHIRUnauthorizedException

from tests.bell.issuing import said
from tests.clients.conftest import Facade
from tests.clients.records import ANOTHER, BILLS, PAGE, PATIENT

REDIRECT = "http://127.0.0.1/app"


def client(facade: Facade, token: str) -> FHIRClient:
    """The client as it is after a login."""
    auth = {"app_id": "app", "access_token": token}
    return FHIRClient(
        state={"app_id": "app", "server": {"base_uri": facade.base_url + "/", "auth_type": "oauth2", "auth": auth}}
    )


@pytest.fixture
def smart(facade: Facade) -> FHIRClient:
    return client(facade, facade.token())


def found(smart: FHIRClient, type: Any, **criteria: str) -> list[Any]:
    """All that a search finds, on however many pages."""
    return list(type.where(criteria).perform_resources_iter(smart.server))


def patient(smart: FHIRClient) -> str:
    [own] = found(smart, Patient)
    return str(own.id)


def values(resources: Iterable[Any]) -> list[str]:
    return [resource.identifier[0].value for resource in resources]


def test_a_login_goes_to_the_issuer_that_the_statement_names(facade: Facade) -> None:
    smart = FHIRClient({"app_id": "app", "api_base": facade.base_url, "redirect_uri": REDIRECT})
    assert not smart.prepare()
    asked = urlsplit(smart.authorize_url)
    assert asked._replace(query="").geturl() == f"{facade.issuer.url}/authorize"
    id = patient(client(facade, facade.token()))
    facade.issuer.replaced["token"] = said({"access_token": facade.token(), "patient": id, "expires_in": 300})
    smart.handle_callback(f"{REDIRECT}?code=1&state={parse_qs(asked.query)['state'][0]}")
    assert smart.ready
    assert smart.patient.identifier[0].value == PATIENT


def test_all_bills_are_read_page_by_page(smart: FHIRClient) -> None:
    search = Invoice.where({"patient": patient(smart), "_count": str(PAGE), "_sort": "date"})
    pages = list(search.perform_iter(smart.server))
    assert [page.total for page in pages] == [len(BILLS)] * 5
    assert [len(page.entry) for page in pages] == [5, 5, 5, 5, 3]
    assert values(entry.resource for page in pages for entry in page.entry) == sorted(BILLS)
    assert values(search.perform_resources_iter(smart.server)) == sorted(BILLS)


def test_a_sort_is_obeyed(smart: FHIRClient) -> None:
    billed = [BILLS[value] for value in values(found(smart, Invoice, patient=patient(smart), _sort="-totalgross"))]
    assert billed == sorted(BILLS.values(), reverse=True)


def test_amounts_arrive_as_the_billing_system_has_them(smart: FHIRClient) -> None:
    sent = smart.server.request_data(f"Invoice?patient={patient(smart)}&_count=200")
    entries = json.loads(sent, parse_float=str)["entry"]
    told = {e["resource"]["identifier"][0]["value"]: e["resource"]["totalGross"]["value"] for e in entries}
    assert told == {number: str(billed) for number, billed in BILLS.items()}


@pytest.mark.parametrize(("type", "count"), [(Invoice, 23), (Account, 1), (Appointment, 1), (PaymentNotice, 1)])
def test_what_is_found_is_read_by_its_id(smart: FHIRClient, type: Any, count: int) -> None:
    resources = found(smart, type, patient=patient(smart))
    assert len(resources) == count
    for each in resources[:3]:
        assert type.read(each.id, smart.server).as_json() == each.as_json()


def test_a_payment_leads_to_its_bill(smart: FHIRClient) -> None:
    [payment] = found(smart, PaymentNotice, patient=patient(smart))
    bill = Invoice.read_from(payment.request.reference, smart.server)
    assert Decimal(str(bill.totalGross.value)) == BILLS[bill.identifier[0].value]


def test_refusals_are_told_apart(facade: Facade, smart: FHIRClient) -> None:
    others = patient(client(facade, facade.token(ANOTHER)))
    with pytest.raises(FHIRUnauthorizedException):
        patient(client(facade, facade.token(exp=1)))
    with pytest.raises(FHIRPermissionDeniedException):
        patient(client(facade, facade.token(scope="patient/Invoice.rs")))
    with pytest.raises(FHIRNotFoundException):
        Patient.read(others, smart.server)
    assert found(smart, Invoice, patient=others) == []
