"""Refresh tokens: for those who asked to stay, each of them once."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from joserfc.jwk import KeySet

from fhir_facade.sandbox.authorization import Client, People
from fhir_facade.sandbox.authorization.app import create_app
from fhir_facade.sandbox.authorization.authorizations import Authorizations
from fhir_facade.sandbox.authorization.clients import Clients
from fhir_facade.sandbox.authorization.protocol import Protocol
from tests.sandbox.authorization.conftest import ANNA, BASE, App, Browser, Clock, active, claims


def refreshed(app: App, token: str, **other: str) -> Any:
    return app.token(grant_type="refresh_token", refresh_token=token, **other)


def test_with_each_access_token_comes_the_next_refresh_token(app: App, tokens: Any) -> None:
    seen = {tokens["refresh_token"]}
    for _ in range(3):
        tokens = refreshed(app, tokens["refresh_token"]).json()
        assert (tokens["patient"], claims(tokens["access_token"])["patient"]) == (ANNA.patient, ANNA.patient)
        assert tokens["refresh_token"] not in seen
        seen.add(tokens["refresh_token"])


def test_a_refresh_token_that_comes_twice_ends_everything(app: App, tokens: Any, issuer: str) -> None:
    newer = refreshed(app, tokens["refresh_token"]).json()
    assert active(issuer, newer["access_token"])
    assert refreshed(app, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refreshed(app, newer["refresh_token"]).json()["error"] == "invalid_grant"
    assert not active(issuer, newer["access_token"])


def test_another_client_cannot_use_it_nor_spend_it(app: App, tokens: Any, issuer: str) -> None:
    other = App(issuer, "demo-confidential-app", "sandbox-secret")
    assert refreshed(other, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    start = tokens["refresh_token"].partition(".")[0]
    assert refreshed(other, f"{start}.x").json()["error"] == "invalid_grant"
    assert refreshed(app, tokens["refresh_token"]).status_code == 200


def test_what_never_was_a_token_ends_nothing(app: App, tokens: Any, issuer: str) -> None:
    """The audit trail shows a ``jti``, which begins as the other tokens do."""
    start = claims(tokens["access_token"])["jti"].partition(".")[0]
    assert refreshed(app, f"{start}.x").json()["error"] == "invalid_grant"
    guessed = app.token(grant_type="authorization_code", code=f"{start}.x", redirect_uri="http://127.0.0.1:3000/")
    assert guessed.json()["error"] == "invalid_grant"
    assert active(issuer, tokens["access_token"])
    assert refreshed(app, tokens["refresh_token"]).status_code == 200


def test_two_at_once_do_not_both_get_the_next(keys: KeySet) -> None:
    protocol = Protocol("http://127.0.0.1:1", BASE, Clients([Client("app", "App")]), keys)
    authorization = protocol.authorizations.begin("app", "offline_access patient/*.rs", ANNA)
    first = protocol.authorizations.renew(authorization)
    protocol.authorizations.refreshable = lambda *_: authorization  # type: ignore[method-assign]  # both looked it up
    client = create_app(protocol, People()).test_client()
    form = {"grant_type": "refresh_token", "refresh_token": first}
    assert [client.post("/token", data=form).status_code for _ in range(2)] == [200, 400]
    assert authorization.ended


def test_a_refresh_token_is_spent_once() -> None:
    authorizations = Authorizations(lambda: 0.0)
    authorization = authorizations.begin("app", "offline_access patient/*.rs", ANNA)
    token = authorizations.renew(authorization)
    assert [authorizations.spend(authorization, token) for _ in range(2)] == [True, False]
    assert authorization.ended


def test_a_public_app_need_not_say_who_it_is(issuer: str, browser: Browser, tokens: Any) -> None:
    def anonymous(token: str) -> Any:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return requests.post(f"{issuer}/token", data=form, timeout=10)

    assert claims(anonymous(tokens["refresh_token"]).json()["access_token"])["client_id"] == "demo-app"
    confidential = App(issuer, "demo-confidential-app", "sandbox-secret")
    theirs = confidential.redeem(browser.sign_in(confidential.page(browser))).json()["refresh_token"]
    for token in (theirs, "x.y", ""):
        assert anonymous(token).json()["error"] == "invalid_client"
    assert refreshed(confidential, theirs).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "x.y"])
def test_what_is_no_refresh_token_is_refused(app: App, token: str) -> None:
    assert refreshed(app, token).json()["error"] == "invalid_grant"


def test_an_access_token_refreshes_nothing(app: App, tokens: Any) -> None:
    assert refreshed(app, tokens["access_token"]).json()["error"] == "invalid_grant"
    assert refreshed(app, claims(tokens["access_token"])["jti"]).json()["error"] == "invalid_grant"


def test_less_may_be_asked_for_and_not_more(app: App, tokens: Any) -> None:
    assert refreshed(app, tokens["refresh_token"], scope="patient/*.rs").json()["error"] == "invalid_scope"
    less = refreshed(app, tokens["refresh_token"], scope="patient/Invoice.rs").json()
    assert claims(less["access_token"])["scope"] == less["scope"] == "patient/Invoice.rs"
    assert refreshed(app, less["refresh_token"]).json()["scope"] == tokens["scope"]


@pytest.mark.parametrize(("scope", "stays"), [("online_access", True), ("offline_access", True), ("fhirUser", False)])
def test_who_did_not_ask_to_stay_has_none(app: App, browser: Browser, scope: str, stays: bool) -> None:
    answer = app.redeem(browser.sign_in(app.page(browser, scope=f"{scope} patient/*.rs"))).json()
    assert ("refresh_token" in answer) is stays


def test_it_goes_on_for_a_day(app: App, tokens: Any, clock: Clock) -> None:
    clock.seconds += 23 * 3600
    tokens = refreshed(app, tokens["refresh_token"]).json()
    clock.seconds += 2 * 3600
    assert refreshed(app, tokens["refresh_token"]).json()["error"] == "invalid_grant"
