"""With tokens: who calls is what the issuer says, and nobody gets in without one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from werkzeug.wrappers import Response

from fhir_facade.guard.people import People
from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import Client
from fhir_facade.state.crosswalk import Crosswalk
from fhir_facade.state.database import Database
from tests.api.conftest import AUTHORITIES, BASE, Facade, Facades, bearer, parsed
from tests.bell.issuing import IssuerStub, said
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS

PATHS = ("Invoice", "Invoice/unknown", "Patient?identifier=1001", "Invoice?_page=x")


Smart = Callable[..., Facade]


@pytest.fixture
def smart(facades: Facades, issuer: IssuerStub) -> Smart:
    """A facade that trusts the issuer."""

    def made(clients: tuple[Client, ...] = (), **security: Any) -> Facade:
        facade = facades()
        facade.trust(issuer, clients, **security)
        return facade

    return made


@pytest.mark.parametrize(
    ("token", "challenge"),
    [(None, "Bearer"), ("Basic YTpi", "Bearer"), ("Bearer x", "Bearer error="), ("Bearer a.b.c", "Bearer error=")],
)
def test_nobody_gets_in_without_a_token_that_holds(smart: Smart, token: str | None, challenge: str) -> None:
    facade = smart()
    for path in PATHS:
        response = facade.get(path, **({} if token is None else {"Authorization": token}))
        assert (response.status_code, parsed(response)["issue"][0]["code"]) == (401, "login")
        assert response.headers["WWW-Authenticate"].startswith(challenge)
    assert facade.systems["practice"].asked == []


def test_what_this_server_can_do_is_public(smart: Smart) -> None:
    facade = smart()
    service = facade.json("metadata")["rest"][0]["security"]["service"]
    assert service[0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert facade.json("SearchParameter/assigner")["code"] == "assigner"
    assert facade.json("StructureDefinition")["total"] > 0


def test_clients_of_the_first_smart_find_the_issuer_in_the_statement(smart: Smart, issuer: IssuerStub) -> None:
    issuer.metadata["openid-configuration"] |= {
        "authorization_endpoint": f"{issuer.url}/authorize",
        "token_endpoint": f"{issuer.url}/token",
        "revocation_endpoint": None,
    }
    [told] = smart().json("metadata")["rest"][0]["security"]["extension"]
    assert told["url"] == "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    assert told["extension"] == [
        {"url": "authorize", "valueUri": f"{issuer.url}/authorize"},
        {"url": "token", "valueUri": f"{issuer.url}/token"},
    ]


def test_what_this_server_can_do_is_told_while_the_issuer_is_away(smart: Smart, issuer: IssuerStub) -> None:
    issuer.replaced = {name: Response("", 502) for name in ("smart-configuration", "openid-configuration")}
    facade = smart()
    assert facade.json("metadata")["rest"][0]["security"].keys() == {"cors", "service"}
    issuer.replaced = {}
    issuer.metadata["openid-configuration"]["token_endpoint"] = f"{issuer.url}/token"
    facade.now = issuer.clock.now = facade.now + dt.timedelta(seconds=6)
    assert "extension" in facade.json("metadata")["rest"][0]["security"]


def test_clients_find_the_issuer(smart: Smart, issuer: IssuerStub) -> None:
    issuer.metadata["openid-configuration"] |= {"token_endpoint": f"{issuer.url}/token", "secret": "inner"}
    facade = smart()
    for accept in ("application/fhir+json", "text/html", "*/*"):
        response = facade.get(".well-known/smart-configuration", Accept=accept)
        assert response.headers["Content-Type"] == "application/json"
        found = parsed(response)
        assert (found["issuer"], found["token_endpoint"]) == (issuer.url, f"{issuer.url}/token")
        assert "secret" not in found
    resource = parsed(facade.get("/.well-known/oauth-protected-resource/fhir"))
    assert (resource["resource"], resource["authorization_servers"]) == (BASE, [issuer.url])


ENDPOINTS = {
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "register": "registration_endpoint",
    "manage": "management_endpoint",
    "introspect": "introspection_endpoint",
    "revoke": "revocation_endpoint",
}


def oauth_uris(facade: Facade) -> dict[str, str]:
    """The endpoints that the CapabilityStatement names."""
    extensions = facade.json("metadata")["rest"][0]["security"].get("extension", [])
    urls = [extension["url"] for extension in extensions]
    assert urls in ([], ["http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"])
    return {inner["url"]: inner["valueUri"] for extension in extensions for inner in extension["extension"]}


def test_the_statement_names_the_issuers_endpoints(smart: Smart, issuer: IssuerStub) -> None:
    named = {endpoint: f"{issuer.url}/{name}" for name, endpoint in ENDPOINTS.items()}
    issuer.metadata["openid-configuration"] |= named
    assert oauth_uris(smart()) == {name: named[endpoint] for name, endpoint in ENDPOINTS.items()}
    issuer.metadata["openid-configuration"] |= {"revocation_endpoint": 5, "management_endpoint": "not a uri"}
    assert set(oauth_uris(smart())) == {*ENDPOINTS} - {"revoke", "manage"}
    del issuer.metadata["openid-configuration"]["token_endpoint"]
    assert oauth_uris(smart()) == {}


def test_the_statement_does_without_an_issuer_that_is_away(smart: Smart, issuer: IssuerStub) -> None:
    issuer.metadata["openid-configuration"] |= {"token_endpoint": f"{issuer.url}/token"}
    issuer.replaced["openid-configuration"] = said({}, 503)
    facade = smart()
    assert oauth_uris(facade) == {}
    facade.json(".well-known/smart-configuration", 503)
    del issuer.replaced["openid-configuration"]
    assert oauth_uris(facade) == {"token": f"{issuer.url}/token"}
    issuer.server.close()
    facade.later(2 * 3600)
    assert oauth_uris(facade) == {"token": f"{issuer.url}/token"}


def test_without_tokens_there_is_no_issuer_to_find(facade: Facade) -> None:
    facade.json(".well-known/smart-configuration", 404)
    facade.json("/.well-known/oauth-protected-resource/fhir", 404)
    assert oauth_uris(facade) == {}


def test_a_patient_sees_their_own_bills(smart: Smart, issuer: IssuerStub) -> None:
    facade = smart()
    token = bearer(issuer, patient=facade.patient(ANNA), scope="launch/patient patient/*.rs")
    assert facade.json("Invoice", **token)["total"] == 4
    assert facade.json(f"Patient/{facade.patient(ANNA)}", **token)["id"] == facade.patient(ANNA)
    facade.json(f"Patient/{facade.patient(BORIS)}", 404, **token)


def test_a_token_that_names_several_patients_sees_them_all(smart: Smart, issuer: IssuerStub) -> None:
    facade = smart()
    both = [facade.patient(ANNA), f"Patient/{facade.patient(BORIS)}"]
    token = bearer(issuer, patient=both, scp=["user/Patient.rs", "user/Invoice.rs"])
    assert facade.json("Patient", **token)["total"] == 2


@pytest.mark.parametrize("patient", [None, "", "unknown", 7, ["x"], {"id": "x"}])
def test_a_token_that_names_nobody_we_know_is_refused(smart: Smart, issuer: IssuerStub, patient: Any) -> None:
    facade = smart()
    told = facade.json("Invoice", 403, **bearer(issuer, patient=patient, scope="patient/*.rs user/*.rs"))
    assert told["issue"][0]["code"] == "forbidden"


def test_a_patient_may_be_named_by_a_number_of_an_authority(smart: Smart, issuer: IssuerStub) -> None:
    facade = smart(patient_means=f"identifier:{AUTHORITIES[0].system}", patient_claim="mrn")
    assert facade.json("Invoice", **bearer(issuer, mrn="1001", scope="patient/*.rs"))["total"] == 4


def test_one_number_is_one_person_where_the_billing_system_says_so(facade: Facade) -> None:
    authorities = {each.id: each for each in AUTHORITIES}
    system = f"identifier:{authorities['riverside'].system}"

    def numbers(persons: set[str]) -> frozenset[PatientKey]:
        with closing(Database(facade.settings.server.state)) as database:
            people = People(system, authorities, lambda _: None, frozenset(persons), Crosswalk(database))
            return people.of_token("1001", dt.date(2026, 11, 23))["1001"]

    assert numbers({"practice", "clinic"}) == {ANNA, ANNA_AT_LAKESIDE}
    assert numbers({"clinic"}) == {ANNA}


def test_a_client_is_what_the_settings_make_of_it(smart: Smart, issuer: IssuerStub) -> None:
    facade = smart((Client("hie", ("riverside",), ("view", "pending")), Client("idle")))
    asked = f"Invoice?patient={facade.patient(ANNA)},{facade.patient(ANNA_AT_LAKESIDE)}"
    for named in ({"client_id": "hie"}, {"azp": "hie"}, {"sub": "hie"}):
        token = bearer(issuer, scope="system/*.rs", **named)
        assert facade.json(asked, **token)["total"] == 4
        facade.json("Patient?identifier=1001", **token)
    facade.json(asked, 403, **bearer(issuer, client_id="idle", scope="system/*.rs"))
    facade.json(asked, 403, **bearer(issuer, client_id="unknown", sub="hie", scope="system/*.rs"))


def test_a_token_that_has_expired_opens_nothing(smart: Smart, issuer: IssuerStub) -> None:
    facade = smart()
    token = bearer(issuer, patient=facade.patient(ANNA), scope="patient/*.rs")
    facade.json("Invoice", **token)
    issuer.clock.advance(3600 + 120)
    facade.now = issuer.clock.now
    assert facade.json("Invoice", 401, **token)["issue"][0]["code"] == "expired"


def test_an_issuer_that_is_away_is_not_the_callers_fault(smart: Smart, issuer: IssuerStub) -> None:
    facade = smart()
    token = bearer(issuer, patient=facade.patient(ANNA), scope="patient/*.rs")
    issuer.server.close()
    response = facade.get("Invoice", **token)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


NAMES = {"Bills.Read": "patient/Invoice.rs patient/Account.rs", "Exchange.Read": "system/Invoice.rs"}


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scp": "Bills.Read openid"}, 200),
        ({"scp": ["openid", "Bills.Read"]}, 200),
        ({"scope": "Bills.Read"}, 200),
        ({"roles": ["Bills.Read"]}, 200),
        ({"scp": "Bills.Read.All"}, 403),
        ({"scp": "bills.read"}, 403),
        ({"roles": ["patient/Invoice.rs"]}, 403),
        ({"roles": {"Bills.Read": True}}, 403),
        ({"scp": "patient/Invoice.rs"}, 200),
        ({"roles": ["Exchange.Read"]}, 403),
    ],
)
def test_an_issuer_may_have_names_of_its_own_for_scopes(
    facade: Facade, issuer: IssuerStub, claims: dict[str, Any], status: int
) -> None:
    facade.trust(issuer, scope_names=NAMES)
    patient = facade.patient(ANNA)
    assert facade.get("Invoice", **bearer(issuer, patient=patient, **claims)).status_code == status
    facade.trust(issuer)
    unnamed = facade.get("Invoice", **bearer(issuer, patient=patient, **claims)).status_code
    assert unnamed == (200 if claims == {"scp": "patient/Invoice.rs"} else 403)


def test_a_role_may_stand_for_a_systems_scopes(facade: Facade, issuer: IssuerStub) -> None:
    exchange = Client("0f3c", ("riverside",), ("view",))
    facade.trust(issuer, (exchange,), scope_names=NAMES)
    patient = facade.patient(ANNA)
    asked = bearer(issuer, azp="0f3c", roles=["Exchange.Read"])
    assert facade.json(f"Invoice?patient={patient}", **asked)["total"] == 3  # without what is pending
    facade.json(f"Account?patient={patient}", 403, **asked)
