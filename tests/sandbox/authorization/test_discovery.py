"""What the server says of itself is what SMART and OpenID Connect ask for, and true."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from fhir_facade.sandbox.authorization import DevelopmentAuthorizationServer
from fhir_facade.sandbox.authorization.loopback import loopback_host, loopback_url

PATHS = (".well-known/smart-configuration", ".well-known/openid-configuration", "jwks", "token", "register", "revoke")


def document(issuer: str, name: str) -> Any:
    answer = requests.get(f"{issuer}/.well-known/{name}", timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.json()


def test_smarts_document_has_what_smart_asks_for(issuer: str) -> None:
    """https://hl7.org/fhir/smart-app-launch/conformance.html#response"""
    said = document(issuer, "smart-configuration")
    required = {"issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "grant_types_supported"}
    recommended = {"registration_endpoint", "introspection_endpoint", "revocation_endpoint", "scopes_supported"}
    recommended |= {"response_types_supported", "token_endpoint_auth_methods_supported"}
    assert required | recommended | {"capabilities", "code_challenge_methods_supported"} <= set(said)
    assert said["issuer"] == issuer
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert {"authorization_code", "client_credentials"} <= set(said["grant_types_supported"])
    patient_access = {"launch-standalone", "client-public", "client-confidential-symmetric", "permission-patient"}
    patient_access |= {"context-standalone-patient", "launch-ehr", "context-ehr-patient", "sso-openid-connect"}
    assert patient_access <= set(said["capabilities"])


@pytest.mark.parametrize("name", ["openid-configuration", "oauth-authorization-server"])
def test_another_judge_finds_the_others_in_order(issuer: str, name: str) -> None:
    said = document(issuer, name)
    OpenIDProviderMetadata(said).validate()
    AuthorizationServerMetadata(said).validate()
    assert said["issuer"] == issuer


def test_every_endpoint_is_there(issuer: str) -> None:
    said = document(issuer, "smart-configuration")
    for name, url in said.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert url.startswith(f"{issuer}/")
            assert requests.post(url, timeout=10).status_code in (400, 401, 405, 415), name


def test_the_keys_are_public_ones(issuer: str) -> None:
    (key,) = requests.get(f"{issuer}/jwks", timeout=10).json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}


@pytest.mark.parametrize("path", PATHS)
def test_apps_in_a_browser_may_ask(issuer: str, path: str) -> None:
    wanted = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    answer = requests.options(f"{issuer}/{path}", headers=wanted, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"POST", "GET"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "Content-Type"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    for method in ("GET", "POST"):
        refused = requests.request(method, f"{issuer}/{path}", headers=wanted, timeout=10)
        assert refused.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.evil.example.org", "10.0.0.1:80", "x@evil.org", ""])
def test_other_names_of_this_machine_are_refused(issuer: str, host: str) -> None:
    for path in ("authorize", "jwks", "demo-token?client=regional-hie", "launch", "static/style.css"):
        answer = requests.get(f"{issuer}/{path}", headers={"Host": host}, timeout=10)
        assert answer.status_code in (400, 421), path


def test_it_listens_on_loopback_only(server: DevelopmentAuthorizationServer) -> None:
    assert server.issuer.startswith("http://127.0.0.1:")
    assert server._server.socket.getsockname()[0] == "127.0.0.1"


def test_which_hosts_are_this_machine() -> None:
    assert all(map(loopback_host, ("127.0.0.1", "127.0.0.1:80", "localhost:80", "app.localhost", "[::1]:80")))
    assert not any(map(loopback_host, ("", "example.org", "127.0.0.1.example.org", "10.0.0.1", "[::2]", "a@127.0.0.1")))
    assert not loopback_host("[")


def test_which_urls_lead_nowhere_else() -> None:
    good = (
        "http://127.0.0.1",
        "http://localhost:3000/cb",
        "https://127.0.0.2/?a=b%20c",
        "http://[::1]:1/",
        "http://a.localhost/",
    )
    bad = ("", "http://", "http://127.0.0.1#x", "http://127.0.0.1 /", "http://127.0.0.1:x/", "//127.0.0.1/", "http://example.org",
           "http://127.0.0.1.example.org/", "http://localhostx/", "http://127.0.0.1@example.org/", "http://example.org\\@127.0.0.1/",
           "http://127.0.0.1\\@example.org", "javascript:127.0.0.1", "http://127.0.0.1/\n", "http://0x7f.1/", "http://localhost.example.org",
           "http://127.0.0.1\u3002example.org/")  # fmt: skip
    assert [url for url in good if not loopback_url(url)] == []
    assert [url for url in bad if loopback_url(url)] == []


def test_what_is_not_there_is_said_as_oauth_says_it(issuer: str) -> None:
    answer = requests.get(f"{issuer}/nothing", timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")


def test_a_body_without_end_is_refused(issuer: str) -> None:
    answer = requests.post(f"{issuer}/token", data={"code": "x" * 100_000}, timeout=10)
    assert answer.status_code == 413
