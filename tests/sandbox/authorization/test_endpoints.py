"""Introspection, revocation and registration."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.sandbox.authorization.conftest import ANNA, BASE, CALLBACK, FACADE, App, Browser, active, claims, sent

CONFIDENTIAL = ("demo-confidential-app", "sandbox-secret")


def post(issuer: str, path: str, user: tuple[str, str] | None = None, **form: str) -> Any:
    return requests.post(f"{issuer}/{path}", data=form, auth=user, timeout=10)


def test_the_facade_hears_what_a_token_says(issuer: str, tokens: Any) -> None:
    said = post(issuer, "introspect", FACADE, token=tokens["access_token"], token_type_hint="access_token").json()
    assert (said["active"], said["iss"], said["aud"], said["client_id"]) == (True, issuer, BASE, "demo-app")
    assert (said["patient"], said["sub"], said["scope"]) == (ANNA.patient, ANNA.id, tokens["scope"])
    assert said["exp"] > time.time()
    assert post(issuer, "introspect", FACADE, token=tokens["refresh_token"]).json()["active"] is True


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é"])
def test_nothing_is_said_of_what_is_no_token(issuer: str, token: str) -> None:
    assert post(issuer, "introspect", FACADE, token=token).json() == {"active": False}


def test_a_token_that_was_tampered_with_is_not_active(issuer: str, tokens: Any) -> None:
    head, payload, signature = tokens["access_token"].split(".")
    other = ("A" if signature[5] != "A" else "B").join((signature[:5], signature[6:]))
    assert active(issuer, tokens["access_token"])
    assert not active(issuer, f"{head}.{payload}.{other}")


@pytest.mark.parametrize("user", [None, ("fhir-facade", "wrong"), ("demo-app", "x"), ("unknown", "x")])
def test_who_does_not_say_who_they_are_hears_nothing(issuer: str, tokens: Any, user: tuple[str, str] | None) -> None:
    answer = post(issuer, "introspect", user, token=tokens["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_another_client_hears_nothing(issuer: str, tokens: Any) -> None:
    assert post(issuer, "introspect", CONFIDENTIAL, token=tokens["access_token"]).json() == {"active": False}


def test_a_client_hears_of_its_own_tokens(issuer: str, browser: Browser) -> None:
    app = App(issuer, *CONFIDENTIAL)
    own = app.redeem(browser.sign_in(app.page(browser))).json()["access_token"]
    assert post(issuer, "introspect", CONFIDENTIAL, token=own).json()["active"] is True


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_with_either_token_all_of_it_ends(issuer: str, app: App, tokens: Any, kind: str) -> None:
    answer = post(issuer, "revoke", client_id="demo-app", token=tokens[kind], token_type_hint=kind)
    assert answer.status_code == 200
    assert not active(issuer, tokens["access_token"])
    assert app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 400


def test_what_was_spent_or_is_no_token_by_itself_is_not_active(issuer: str, app: App, tokens: Any) -> None:
    assert app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200
    assert not active(issuer, tokens["refresh_token"])
    assert not active(issuer, claims(tokens["access_token"])["jti"])


def test_nobody_ends_what_is_not_theirs(issuer: str, tokens: Any) -> None:
    for user, form in ((CONFIDENTIAL, {}), (FACADE, {}), (None, {"client_id": "unknown"}), (None, {})):
        assert post(issuer, "revoke", user, token=tokens["access_token"], **form).status_code in (400, 401)
    assert active(issuer, tokens["access_token"])


def test_what_is_no_token_is_revoked_already(issuer: str) -> None:
    assert post(issuer, "revoke", client_id="demo-app", token="x").status_code == 200


def register(issuer: str, **metadata: Any) -> Any:
    return requests.post(f"{issuer}/register", json=metadata, timeout=10)


def test_an_app_registers_itself_and_signs_people_in(issuer: str, browser: Browser) -> None:
    answer = register(issuer, redirect_uris=[CALLBACK], client_name="My <app>", token_endpoint_auth_method="none")
    assert answer.status_code == 201
    registered = answer.json()
    assert registered["redirect_uris"] == [CALLBACK]
    assert "client_secret" not in registered
    app = App(issuer, registered["client_id"])
    page = app.page(browser)
    assert "My &lt;app&gt;" in page.text
    assert app.redeem(browser.sign_in(page)).json()["patient"] == ANNA.patient


def test_a_registered_app_goes_where_it_said_and_nowhere_else(issuer: str, browser: Browser) -> None:
    app = App(issuer, register(issuer, redirect_uris=[CALLBACK]).json()["client_id"])
    for other in ("http://127.0.0.1:3000/callback", f"{CALLBACK}#", f"{CALLBACK}&x=1", "http://localhost:3000/"):
        assert app.page(browser, redirect_uri=other).status_code == 400
    assert "error" not in sent(browser.sign_in(app.page(browser)))


BAD = [
    {},
    {"redirect_uris": []},
    {"redirect_uris": CALLBACK},
    {"redirect_uris": [5]},
    {"redirect_uris": ["https://app.example.org/callback"]},
    {"redirect_uris": [CALLBACK, "http://evil.example.org\\@127.0.0.1/"]},
    {"redirect_uris": [f"{CALLBACK}#fragment"]},
    {"redirect_uris": ["javascript:alert(1)"]},
    {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_basic"},
    {"redirect_uris": [CALLBACK], "grant_types": ["client_credentials"]},
    {"redirect_uris": [CALLBACK], "response_types": ["token"]},
    {"redirect_uris": [CALLBACK], "client_name": 5},
    {"redirect_uris": [CALLBACK] * 21},
]


@pytest.mark.parametrize("metadata", BAD)
def test_what_is_no_public_app_of_this_machine_is_not_registered(issuer: str, metadata: dict[str, Any]) -> None:
    answer = register(issuer, **metadata)
    assert (answer.status_code, answer.json()["error"][:8]) == (400, "invalid_")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"'])
def test_what_is_no_metadata_is_not_registered(issuer: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{issuer}/register", data=body, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"][:8]) == (400, "invalid_")


def test_a_shortcut_gives_a_token_to_a_shell(issuer: str) -> None:
    got = requests.get(f"{issuer}/demo-token", params={"patient": "riverside|1001"}, timeout=10)
    said = post(issuer, "introspect", FACADE, token=got.text).json()
    assert (said["patient"], said["scope"]) == (ANNA.patient, "openid fhirUser launch/patient patient/*.rs")
    assert "Access-Control-Allow-Origin" not in got.headers
    same = requests.get(f"{issuer}/demo-token", params={"patient": ANNA.patient}, timeout=10)
    assert active(issuer, same.text)
    less = {"patient": "riverside|1001", "scope": "patient/Account.rs"}
    narrow = requests.get(f"{issuer}/demo-token", params=less, timeout=10).text
    assert post(issuer, "introspect", FACADE, token=narrow).json()["scope"] == "patient/Account.rs"
    client = requests.get(f"{issuer}/demo-token", params={"client": "regional-hie"}, timeout=10).text
    assert post(issuer, "introspect", FACADE, token=client).json()["client_id"] == "regional-hie"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "patient=lakeside|1002",
        "patient=1001",
        "client=demo-app",
        "client=demo-app&scope=patient/*.rs",
        "client=x",
        "client=fhir-facade",
    ],
)
def test_the_shortcut_knows_nobody_else(issuer: str, query: str) -> None:
    assert requests.get(f"{issuer}/demo-token?{query}", timeout=10).status_code == 404
