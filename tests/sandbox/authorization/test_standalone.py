"""A standalone launch: who signs in, who consents, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from fhir_facade.bell.bell import Bell
from fhir_facade.clock import utcnow
from tests.bell.issuing import Heard
from tests.sandbox.authorization.conftest import (
    ANNA,
    BASE,
    CALLBACK,
    MILO,
    VERIFIER,
    App,
    Browser,
    Forms,
    claims,
    sent,
)


def test_a_stock_app_lets_somebody_sign_in(app: App, browser: Browser, issuer: str) -> None:
    back = browser.sign_in(app.page(browser))
    assert sent(back)["state"] == "st&te"
    token = app.fetch_token(
        f"{issuer}/token", authorization_response=back.headers["Location"], state="st&te", code_verifier=VERIFIER
    )
    assert (token["patient"], token["token_type"], token["expires_in"]) == (ANNA.patient, "Bearer", 3600)
    assert token["scope"] == "launch/patient openid fhirUser offline_access patient/Invoice.rs"
    said = claims(token["access_token"])
    assert (said["iss"], said["aud"], said["sub"], said["client_id"]) == (issuer, BASE, ANNA.id, "demo-app")
    assert (said["patient"], said["scope"]) == (ANNA.patient, token["scope"])
    assert said["exp"] == said["iat"] + 3600
    assert said["jti"]


def test_the_id_token_says_who_signed_in(tokens: Any, issuer: str) -> None:
    keys = KeySet.import_key_set(requests.get(f"{issuer}/jwks", timeout=10).json())
    said = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert (said["iss"], said["aud"], said["sub"]) == (issuer, "demo-app", ANNA.id)
    assert said["fhirUser"] == f"{BASE}/Patient/{ANNA.patient}"


def test_the_nonce_comes_back(app: App, browser: Browser) -> None:
    answer = app.redeem(browser.sign_in(app.page(browser, nonce="once"))).json()
    assert claims(answer["id_token"])["nonce"] == "once"


def test_what_was_not_asked_for_is_not_told(app: App, browser: Browser) -> None:
    answer = app.redeem(browser.sign_in(app.page(browser, scope="user/Invoice.rs"))).json()
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope"}
    assert claims(answer["access_token"])["patient"] == ANNA.patient  # whom user/ scopes are about


def test_the_facades_bell_believes_the_token(tokens: Any, issuer: str) -> None:
    bell = Bell(issuer, (BASE,), introspection=None, event=Heard(), now=utcnow)
    assert bell.claims(f"Bearer {tokens['access_token']}")["patient"] == ANNA.patient
    bell.close()


def test_everybody_is_offered_by_name_and_numbers(app: App, browser: Browser) -> None:
    page = app.page(browser)
    form = Forms(page.text)
    assert [value for name, value in form.choices if name == "person"] == [ANNA.id, MILO.id]
    for text in ("Demo app", ANNA.name, MILO.name, *ANNA.known_at, *MILO.known_at, "also sees the bills of Milo Vogel"):
        assert text in form.text
    assert "<Vogel>" not in page.text


def test_consent_names_the_app_the_person_and_the_scopes(app: App, browser: Browser) -> None:
    page = browser.submit(app.page(browser), person=MILO.id)
    text = Forms(page.text).text
    for word in ("Demo app", MILO.name, "patient/Invoice.rs", "offline_access"):
        assert word in text


@pytest.mark.parametrize("at_the_second_page", [False, True])
def test_who_does_not_consent_gives_nothing(app: App, browser: Browser, at_the_second_page: bool) -> None:
    page = app.page(browser)
    page = browser.submit(page, person=ANNA.id) if at_the_second_page else page
    told = sent(browser.submit(page, decision="deny"))
    assert (told["error"], told["state"]) == ("access_denied", "st&te")
    assert "code" not in told


def test_the_request_may_come_by_post(app: App, browser: Browser, issuer: str) -> None:
    url, _ = app.create_authorization_url(f"{issuer}/authorize", state="st&te", code_verifier=VERIFIER, aud=BASE)
    where, _, query = url.partition("?")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    page = browser.session.post(where, data=query, headers=headers, timeout=10)
    assert app.redeem(browser.sign_in(page)).status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        {"csrf": ""},
        {"csrf": "guess"},
        {"headers": {"Origin": "http://127.0.0.1:3000"}},
        {"headers": {"Origin": "null"}},
    ],
)
def test_a_forged_form_consents_to_nothing(app: App, browser: Browser, forged: Any) -> None:
    answer = browser.submit(app.page(browser), person=ANNA.id, decision="allow", **forged)
    assert answer.status_code == 200
    assert "Who are you?" in answer.text


def test_a_form_of_another_browser_consents_to_nothing(app: App, browser: Browser, issuer: str) -> None:
    page = app.page(browser)
    answer = Browser(issuer).submit(page, person=ANNA.id, decision="allow")
    assert "Who are you?" in answer.text


def test_an_unknown_person_cannot_sign_in(app: App, browser: Browser) -> None:
    assert "Who are you?" in browser.submit(app.page(browser), person="eve", decision="allow").text


FAULTS = {
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "no challenge and no method": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "no method": ({"code_challenge_method": None}, "invalid_request"),
    "short challenge": ({"code_challenge": "short"}, "invalid_request"),
    "no audience": ({"aud": None}, "invalid_request"),
    "another audience": ({"aud": "http://127.0.0.1:8080/fhir/"}, "invalid_request"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "no scope that is known": ({"scope": "patient/Observation.rs system/*.rs nonsense"}, "invalid_scope"),
    "token": ({"response_type": "token"}, "unsupported_response_type"),
    "an unknown launch": ({"scope": "launch patient/*.rs", "launch": "x"}, "invalid_request"),
    "no launch": ({"scope": "launch patient/*.rs"}, "invalid_request"),
    "nobody is signed in": ({"prompt": "none"}, "login_required"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_app_is_told_what_is_wrong(app: App, browser: Browser, fault: str) -> None:
    changed, error = FAULTS[fault]
    told = sent(app.page(browser, **changed))
    assert (told["error"], told["state"]) == (error, "st&te")


def test_what_the_response_type_must_be_is_said(app: App, browser: Browser) -> None:
    told = sent(app.page(browser, response_type="token"))
    assert "response_type must be code." in app.page(browser, response_type=None, redirect_uri=None).text
    assert told["error_description"] == "response_type must be code."


NOWHERE = {
    "no client": {"client_id": None},
    "an unknown client": {"client_id": "x"},
    "a client that is no app": {"client_id": "regional-hie"},
    "nowhere to go": {"redirect_uri": None},
    "elsewhere": {"redirect_uri": "https://evil.example.org/"},
    "elsewhere by a backslash": {"redirect_uri": "http://evil.example.org\\@127.0.0.1/"},
    "elsewhere by a user": {"redirect_uri": "http://127.0.0.1@evil.example.org/"},
    "an odd response type": {"response_type": 'x"y'},
    "a quote": {"redirect_uri": 'http://127.0.0.1/"'},
    "a letter of no alphabet here": {"scope": "patient/é"},
}


@pytest.mark.parametrize("fault", NOWHERE)
def test_nobody_is_sent_where_the_app_is_not(app: App, browser: Browser, fault: str) -> None:
    answer = app.page(browser, **NOWHERE[fault])
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_pages_run_nothing_and_are_framed_by_nobody(app: App, browser: Browser) -> None:
    for page in (app.page(browser), browser.submit(app.page(browser), person=ANNA.id), browser.get("/launch")):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self' http://localhost:* http://127.0.0.1:*" in policy
        assert "script" not in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in page.headers
    cookies = browser.get("/launch"), Browser(browser.issuer).get("/launch")
    assert "HttpOnly" in cookies[1].headers["Set-Cookie"]
    assert "SameSite=Lax" in cookies[1].headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://localhost:1/x", " https://localhost:1"),
        ("http://[::1]:1/x", " http:"),
        ("http://127.0.0.2/", " http://127.0.0.2"),
    ],
)
def test_a_page_may_lead_back_to_the_app(app: App, browser: Browser, uri: str, source: str) -> None:
    assert app.page(browser, redirect_uri=uri).headers["Content-Security-Policy"].endswith(source)


def test_the_clients_own_library_refuses_another_state(app: App, browser: Browser, issuer: str) -> None:
    back = browser.sign_in(app.page(browser))
    stock = OAuth2Session("demo-app", redirect_uri=CALLBACK, state="other")
    with pytest.raises(Exception, match="state"):
        stock.fetch_token(f"{issuer}/token", authorization_response=back.headers["Location"], state="other")
