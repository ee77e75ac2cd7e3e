"""An EHR launch: the app is started with a patient, and nobody is asked who it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.authorization.conftest import ANNA, BASE, MILO, App, Browser, Clock, Forms, claims, sent

START = "http://localhost:3000/launch.html?x=1"


def launched(browser: Browser) -> str:
    """The value of ``launch`` that an app is started with."""
    there = browser.submit(browser.get("/launch"), launch_url=START, person=MILO.id).headers["Location"]
    assert there.startswith("http://localhost:3000/launch.html?x=1&")
    said = parse_qs(urlsplit(there).query)
    assert said["iss"] == [BASE]
    return said["launch"][0]


def test_an_app_is_started_with_a_patient(app: App, browser: Browser) -> None:
    page = app.page(browser, scope="launch openid fhirUser patient/*.rs", launch=launched(browser))
    text = Forms(page.text).text
    assert MILO.name in text
    assert ANNA.name not in text
    answer = app.redeem(browser.submit(page, decision="allow")).json()
    assert answer["patient"] == claims(answer["access_token"])["patient"] == MILO.patient


def test_nobody_else_can_be_put_in_the_patients_place(app: App, browser: Browser) -> None:
    page = app.page(browser, scope="launch patient/*.rs", launch=launched(browser))
    answer = app.redeem(browser.submit(page, decision="allow", person=ANNA.id)).json()
    assert answer["patient"] == MILO.patient


def test_consent_can_be_refused(app: App, browser: Browser) -> None:
    page = app.page(browser, scope="launch patient/*.rs", launch=launched(browser))
    assert sent(browser.submit(page, decision="deny"))["error"] == "access_denied"


def test_a_launch_is_over_after_ten_minutes(app: App, browser: Browser, clock: Clock) -> None:
    launch = launched(browser)
    clock.seconds += 601
    told = sent(app.page(browser, scope="launch patient/*.rs", launch=launch))
    assert told["error"] == "invalid_request"


def test_without_the_scope_a_launch_says_nothing(app: App, browser: Browser) -> None:
    page = app.page(browser, scope="launch/patient patient/*.rs", launch=launched(browser))
    assert "Who are you?" in page.text


def test_an_app_that_can_be_started_either_way_asks_for_both(app: App, browser: Browser) -> None:
    both = "launch launch/patient patient/*.rs"
    assert "Who are you?" in app.page(browser, scope=both).text
    assert MILO.name in Forms(app.page(browser, scope=both, launch=launched(browser)).text).text
    assert sent(app.page(browser, scope=both, launch="x"))["error"] == "invalid_request"


FAULTS: list[dict[str, str]] = [
    {"launch_url": "https://evil.example.org/launch"},
    {"launch_url": "http://127.0.0.1@evil.example.org/"},
    {"launch_url": "http://evil.example.org\\@127.0.0.1/"},
    {"launch_url": "javascript:alert(1)"},
    {"launch_url": ""},
    {"person": "eve"},
]


@pytest.mark.parametrize("changed", FAULTS)
def test_nothing_is_started_elsewhere_or_for_nobody(browser: Browser, changed: dict[str, str]) -> None:
    answer = browser.submit(browser.get("/launch"), **({"launch_url": START, "person": ANNA.id} | changed))
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "Location" not in answer.headers


@pytest.mark.parametrize("forged", [{"csrf": "x"}, {"headers": {"Origin": "http://127.0.0.1:3000"}}])
def test_a_forged_form_starts_nothing(browser: Browser, forged: Any) -> None:
    answer = browser.submit(browser.get("/launch"), launch_url=START, person=ANNA.id, **forged)
    assert "Location" not in answer.headers


def test_the_page_says_how_to_point_an_app_here(browser: Browser, issuer: str) -> None:
    text = Forms(browser.get("/launch").text).text
    for word in (BASE, "demo-app", f"{issuer}/register"):
        assert word in text
    assert requests.get(issuer, timeout=10).url == f"{issuer}/launch"
