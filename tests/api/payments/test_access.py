"""Who may pay: scopes before any id, features of clients, switches of authorities; all that is hidden is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fhir_facade.gateways.port import Outcome
from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import Bills, Client
from tests.api.conftest import bearer, parsed
from tests.api.payments.conftest import Shop, refused, written
from tests.bell.issuing import IssuerStub
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS

ALL = "patient/PaymentNotice.crus patient/Invoice.rs patient/Account.rs patient/Appointment.rs"
HIE = Client("hie", authorities=("riverside",), features=("view", "pay"))
VIEWER = Client("viewer", authorities=("riverside",), features=("view",))
SYSTEM = "system/PaymentNotice.crus system/Invoice.rs"


@pytest.fixture
def smart(shop: Shop, issuer: IssuerStub) -> Shop:
    shop.trust(issuer, (HIE, VIEWER))
    return shop


def anna(shop: Shop, issuer: IssuerStub, scope: str = ALL, **claims: Any) -> dict[str, str]:
    return bearer(issuer, **{"patient": shop.patient(ANNA), "scope": scope, "sub": "anna", "client_id": "app"} | claims)


def test_a_patient_pays_their_own(smart: Shop, issuer: IssuerStub) -> None:
    said = smart.begun(**anna(smart, issuer))
    assert said["description"].startswith("Bill 9301")
    assert smart.ledger[0].client.endswith('"app"]')


@pytest.mark.parametrize(
    "scope",
    [
        "patient/Invoice.rs",
        "patient/PaymentNotice.rs patient/Invoice.rs",
        "patient/PaymentNotice.c",
        "patient/PaymentNotice.c patient/Invoice.s",
        "patient/PaymentNotice.c patient/Account.r",
        "patient/PaymentNotice.c?status=active patient/Invoice.r",
        "patient/PaymentNotice.read patient/Invoice.read",
    ],
)
@pytest.mark.parametrize("id", ["own", "other", "nonsense"])
def test_scopes_are_decided_before_any_id(smart: Shop, issuer: IssuerStub, scope: str, id: str) -> None:
    ids = {"own": smart.record("Invoice", ANNA, "9301"), "other": smart.record("Invoice", BORIS, "9311")}
    response = smart.post(f"Invoice/{ids.get(id, id)}/$pay", b"{", **anna(smart, issuer, scope))
    refused(response, 403, "forbidden")
    assert (smart.ledger, smart.practice.asked) == ([], [])


def test_version_1_scopes_pay(smart: Shop, issuer: IssuerStub) -> None:
    assert smart.begun(**anna(smart, issuer, "patient/PaymentNotice.write patient/Invoice.read"))


def test_without_a_token_nothing_is_paid(smart: Shop) -> None:
    refused(smart.pay(), 401, "login")


@pytest.mark.parametrize("operation", ["$pay", "$void", "$pre-pay"])
def test_what_is_not_theirs_is_as_if_it_were_not_there(smart: Shop, issuer: IssuerStub, operation: str) -> None:
    type, own = {"$pay": ("Invoice", "9311"), "$void": ("PaymentNotice", "x"), "$pre-pay": ("Appointment", "1")}[
        operation
    ]
    ids = [smart.record(type, BORIS, own), smart.record(type, ANNA, "no such"), "nonsense", "a" * 65]
    answers = [smart.post(f"{type}/{id}/{operation}", **anna(smart, issuer)) for id in ids]
    refused(answers[0], 404, "not-found")
    assert {answer.get_data() for answer in answers} == {answers[0].get_data()}
    assert {answer.status_code for answer in answers} == {404}


def test_nobody_elses_billing_system_is_asked(smart: Shop, issuer: IssuerStub) -> None:
    smart.pay("9311", who=BORIS, **anna(smart, issuer))
    assert smart.practice.asked == []


def test_conditions_of_scopes_hold_for_what_is_paid(smart: Shop, issuer: IssuerStub) -> None:
    scope = "patient/PaymentNotice.c patient/Invoice.r?status=draft"
    refused(smart.pay(**anna(smart, issuer, scope)), 404, "not-found")


def test_a_visible_record_of_an_authority_without_the_switch_is_forbidden(smart: Shop, issuer: IssuerStub) -> None:
    riverside, lakeside, clinic = smart.settings.authorities
    others = replace(lakeside, bills=Bills(view=True, pay=True)), clinic
    smart.resettle(authorities=(replace(riverside, bills=Bills(view=True)), *others))
    refused(smart.pay(**anna(smart, issuer)), 403, "forbidden")
    refused(smart.pay("9311", who=BORIS, **anna(smart, issuer)), 404, "not-found")
    assert smart.begun("5001", "Appointment", **anna(smart, issuer))
    smart.resettle(authorities=(replace(riverside, prepay=False), *others))
    refused(smart.pay("5001", "Appointment", **anna(smart, issuer)), 403, "forbidden")


def test_a_client_pays_within_its_features_and_authorities(smart: Shop, issuer: IssuerStub) -> None:
    def token(client: str) -> dict[str, str]:
        return bearer(issuer, scope=SYSTEM, client_id=client, sub=client)

    assert smart.begun(**token("hie"))
    refused(smart.pay(**token("viewer")), 403, "forbidden")
    visit = smart.post(f"Appointment/{smart.record('Appointment', ANNA, '5001')}/$pre-pay", **token("hie"))
    refused(visit, 403, "forbidden")
    lakeside: PatientKey = ANNA_AT_LAKESIDE
    refused(smart.pay("9401", who=lakeside, **token("hie")), 404, "not-found")


def test_a_key_is_a_clients_own(smart: Shop, issuer: IssuerStub) -> None:
    smart.begun(amount="5.00", key="k", **anna(smart, issuer))
    smart.notify(Outcome.EXPIRED)
    again = smart.pay(amount="6.00", key="k", **anna(smart, issuer))
    refused(again, 409, "conflict", "key-reused")
    assert smart.begun(amount="6.00", key="k", **anna(smart, issuer, client_id="other"))


def test_void_needs_its_own_scope(smart: Shop, issuer: IssuerStub) -> None:
    smart.begun(**anna(smart, issuer))
    path = f"PaymentNotice/{smart.record('PaymentNotice', ANNA, smart.ledger[0].id)}/$void"
    refused(smart.post(path, **anna(smart, issuer, "patient/PaymentNotice.crs")), 403, "forbidden")
    assert smart.post(path, **anna(smart, issuer, "patient/PaymentNotice.u")).status_code == 200


def test_an_operation_is_written_down_about_its_patient(smart: Shop, issuer: IssuerStub) -> None:
    smart.begun(**anna(smart, issuer))
    refused(smart.pay("9311", who=BORIS, **anna(smart, issuer)), 404, "not-found")
    done, not_done = written(smart)
    assert (done.interaction, done.type, done.query, done.status, done.patient) == (
        "operation",
        "Invoice",
        "$pay",
        200,
        ANNA,
    )
    assert (not_done.interaction, not_done.status, not_done.patient) == ("operation", 404, None)


def test_a_patient_sees_who_paid(smart: Shop, issuer: IssuerStub, models: Any) -> None:
    smart.begun(**anna(smart, issuer))
    bundle = smart.json("AuditEvent", **anna(smart, issuer, "patient/AuditEvent.rs"))
    (event,) = [entry["resource"] for entry in bundle["entry"]]
    assert event["subtype"][0] == {
        "system": "http://hl7.org/fhir/restful-interaction",
        "code": "operation",
        "display": "operation",
    }
    assert event["action"] == "E"
    assert event["entity"][1]["description"] == "$pay"
    assert event["entity"][1]["what"] == {"reference": f"Invoice/{smart.record('Invoice', ANNA, '9301')}"}
    models(event)


def test_answers_are_for_nobody_elses_cache(smart: Shop, issuer: IssuerStub) -> None:
    response = smart.pay(**anna(smart, issuer))
    assert response.headers["Cache-Control"] == "no-store"
    assert parsed(response)["resourceType"] == "Parameters"
