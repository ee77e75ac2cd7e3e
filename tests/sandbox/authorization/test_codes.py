"""A code holds once, for a minute, for the app that asked and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.authorization.conftest import ANNA, App, Browser, Clock, active, claims, sent

CONFIDENTIAL = ("demo-confidential-app", "sandbox-secret")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:3000/callback"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"client_id": "demo-confidential-app"}, "invalid_client"),
        ({"client_id": "regional-hie"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": "x"}, "invalid_grant"),
        ({"code": "x.y"}, "invalid_grant"),
        ({"code": ""}, "invalid_grant"),
    ],
)
def test_a_code_is_not_redeemed(app: App, browser: Browser, changed: Any, error: str) -> None:
    answer = app.redeem(browser.sign_in(app.page(browser)), **changed)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error
    assert "access_token" not in answer.json()


def test_a_code_of_another_client_is_worth_nothing_and_is_not_spent(app: App, browser: Browser, issuer: str) -> None:
    back = browser.sign_in(app.page(browser))
    other = App(issuer, *CONFIDENTIAL)
    assert other.redeem(back).json()["error"] == "invalid_grant"
    assert app.redeem(back).status_code == 200


def test_a_code_that_comes_twice_ends_what_came_of_it(app: App, browser: Browser, issuer: str) -> None:
    back = browser.sign_in(app.page(browser))
    first = app.redeem(back).json()
    assert active(issuer, first["access_token"])
    assert app.redeem(back).json()["error"] == "invalid_grant"
    assert not active(issuer, first["access_token"])
    assert not active(issuer, first["refresh_token"])


def test_a_wrong_verifier_spends_the_code(app: App, browser: Browser) -> None:
    back = browser.sign_in(app.page(browser))
    assert app.redeem(back, code_verifier="w" * 64).status_code == 400
    assert app.redeem(back).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (61, 400)])
def test_a_code_holds_for_a_minute(app: App, browser: Browser, clock: Clock, seconds: int, status: int) -> None:
    back = browser.sign_in(app.page(browser))
    clock.seconds += seconds
    assert app.redeem(back).status_code == status


def test_a_confidential_app_says_its_secret_in_either_way(issuer: str, browser: Browser) -> None:
    app = App(issuer, *CONFIDENTIAL)
    assert app.redeem(browser.sign_in(app.page(browser))).status_code == 200
    back = browser.sign_in(app.page(browser))
    name, secret = CONFIDENTIAL
    app.client_secret = ""
    answer = app.redeem(back, client_id=name, client_secret=secret)
    assert claims(answer.json()["access_token"])["client_id"] == name


@pytest.mark.parametrize("secret", ["wrong", "é"])
def test_a_wrong_secret_is_no_secret(issuer: str, browser: Browser, secret: str) -> None:
    app = App(issuer, *CONFIDENTIAL)
    back = browser.sign_in(app.page(browser))
    app.client_secret = secret.encode()
    answer = app.redeem(back)
    assert answer.json()["error"] in ("invalid_client", "invalid_request")
    assert answer.status_code in (400, 401)


def test_a_secret_that_is_no_text_is_a_fault_of_the_request(issuer: str) -> None:
    form = {"grant_type": "authorization_code", "code": "x"}
    answer = requests.post(f"{issuer}/token", data=form, headers={"Authorization": "Basic /w=="}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_tokens_are_asked_for_by_post(app: App, issuer: str) -> None:
    assert requests.get(f"{issuer}/token", timeout=10).status_code == 405


def test_whoever_signs_in_is_whom_the_code_is_of(app: App, browser: Browser) -> None:
    """The person is chosen again at each step: the last choice counts."""
    page = browser.submit(browser.submit(app.page(browser), person="milo-vogel"), person=ANNA.id)
    assert app.redeem(browser.submit(page, decision="allow")).json()["patient"] == ANNA.patient


def test_codes_are_all_different(app: App, browser: Browser) -> None:
    assert len({sent(browser.sign_in(app.page(browser)))["code"] for _ in range(3)}) == 3
