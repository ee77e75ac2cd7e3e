"""Signing in at the demo: a token opens the bills of those it is for, and nobody else's."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from fhir_facade.keys import PatientKey
from fhir_facade.sandbox.demo_people import demo_people
from tests.e2e.conftest import Smart
from tests.sandbox.authorization.conftest import App, Browser, Forms
from tests.trees import nodes

ANNA, ANNA_AT_LAKESIDE = PatientKey("riverside", "1001"), PatientKey("lakeside", "1001")
MILO = PatientKey("riverside", "1010")
LILY, LILY_AT_THE_CLINIC = PatientKey("lakeside", "1012"), PatientKey("clinic", "2006")
BORIS, MARIA = PatientKey("clinic", "1001"), PatientKey("clinic", "2001")
TYPES = ("Invoice", "Account", "Appointment", "PaymentNotice", "Patient")


def patient(smart: Smart, key: PatientKey) -> str:
    return smart.house.finder.ids.patient(key)


def owners(smart: Smart, token: str, type: str) -> set[str]:
    """Whose records of a type are found without naming anybody: every Patient that is referred to."""
    bundle = smart.json(f"{type}?_count=200", token)
    found = [entry["resource"] for entry in bundle.get("entry", ())]
    assert len(found) == bundle["total"]
    if type == "Patient":
        return {resource["id"] for resource in found}
    said = {node["reference"] for node in nodes(found) if str(node.get("reference", "")).startswith("Patient/")}
    return {reference.partition("/")[2] for reference in said}


OWN = {
    MILO: {MILO, PatientKey("lakeside", "1010")},
    BORIS: {BORIS},
    MARIA: {MARIA},
    LILY: {LILY, LILY_AT_THE_CLINIC, PatientKey("riverside", "1012")},
    ANNA: {ANNA, ANNA_AT_LAKESIDE, MILO, PatientKey("lakeside", "1010")},
}


@pytest.mark.parametrize("key", OWN, ids="-".join)
@pytest.mark.parametrize("type", TYPES)
def test_a_token_opens_what_is_its_patients_and_nothing_else(smart: Smart, key: PatientKey, type: str) -> None:
    token = smart.token(patient="|".join(key))
    found = owners(smart, token, type)
    assert found <= {patient(smart, own) for own in OWN[key]}
    if type in ("Invoice", "Patient"):
        assert patient(smart, key) in found
    if type == "Invoice":
        assert (patient(smart, MILO) in found) is (key in (MILO, ANNA))  # a parent sees a child's bills
        assert (patient(smart, LILY_AT_THE_CLINIC) in found) is (key == LILY)  # one person at two billing systems
    for other in {*OWN} - OWN[key]:
        smart.json(f"Patient/{patient(smart, other)}", token, 404)
        if type != "Patient":
            assert smart.json(f"{type}?patient={patient(smart, other)}", token)["total"] == 0


def test_nobody_gets_in_without_a_token(smart: Smart) -> None:
    smart.json("Invoice", status=401)
    smart.json("Invoice", "x", 401)


def test_everybody_who_can_sign_in_has_bills(smart: Smart) -> None:
    people = demo_people(smart.house.finder.authorities, smart.house.finder.ids)
    assert len(people) >= 12
    assert [person.name for person in people if person.acts_for] == ["Anna Vogel"]
    assert max(len(person.numbers) for person in people) == 2
    assert len({person.id for person in people}) == len(people)
    for person in people:
        bundle = smart.json("Invoice?_count=0", smart.token(patient=person.patient))
        assert bundle["total"] > 0, person.name


def test_an_app_signs_somebody_in_and_reads_their_bills(smart: Smart) -> None:
    said = json.loads(smart.get(".well-known/smart-configuration").get_data())
    app, browser = App(smart.issuer), Browser(smart.issuer)
    app.scope = "launch/patient openid fhirUser patient/Invoice.rs patient/Patient.r"
    assert said["authorization_endpoint"] == f"{smart.issuer}/authorize"
    page = app.page(browser)
    assert "Riverside Medical Group 1001" in Forms(page.text).text
    answer = app.redeem(browser.sign_in(page, "boris-petrov")).json()
    assert answer["patient"] == patient(smart, BORIS)
    assert smart.json(f"Patient/{answer['patient']}", answer["access_token"])["name"][0]["family"] == "Petrov"
    assert owners(smart, answer["access_token"], "Invoice") == {patient(smart, BORIS)}
    smart.json("Account", answer["access_token"], 403)


def test_the_exchange_sees_its_own_authority_by_its_key(smart: Smart) -> None:
    now = int(dt.datetime.now(dt.UTC).timestamp())
    said = {"iss": "regional-hie", "sub": "regional-hie", "aud": f"{smart.issuer}/token", "exp": now + 200, "jti": "1"}
    header = {"alg": "ES384", "kid": smart.exchanges_key["kid"]}
    assertion = jwt.encode(header, said, ECKey.import_key(smart.exchanges_key), algorithms=["ES384"])
    form = {
        "grant_type": "client_credentials",
        "scope": "system/*.rs",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    token = requests.post(f"{smart.issuer}/token", data=form, timeout=10).json()["access_token"]
    bills = smart.json("Invoice?assigner=clinic", token)
    assert {entry["resource"]["issuer"]["reference"] for entry in bills["entry"]} == {"Organization/clinic"}
    assert smart.json("Patient?identifier=1001", token)["total"] == 1
    assert smart.json(f"Invoice?patient={patient(smart, ANNA)}", token)["total"] == 0
    smart.json(f"Patient/{patient(smart, ANNA)}", token, 404)


def test_a_token_that_is_revoked_opens_nothing_any_more(smart: Smart) -> None:
    token = smart.token(patient="|".join(BORIS))
    assert smart.json("Invoice", token)["total"] > 0
    form = {"client_id": "demo-app", "token": token}
    assert requests.post(f"{smart.issuer}/revoke", data=form, timeout=10).status_code == 200
    smart.ahead += dt.timedelta(seconds=6)
    smart.json("Invoice", token, 401)


def test_the_statement_names_the_demos_endpoints(smart: Smart) -> None:
    (uris,) = smart.json("metadata")["rest"][0]["security"]["extension"]
    assert {each["url"]: each["valueUri"] for each in uris["extension"]} == {
        name: f"{smart.issuer}/{name}" for name in ("authorize", "token", "register", "introspect", "revoke")
    }
