"""An app that a portal or an EHR starts with a patient."""

from __future__ import annotations

import pytest

from tests.clients.browser.conftest import SCOPE, Demo
from tests.clients.browser.serving import serving
from tests.clients.browser.tab import Tab
from tests.clients.browser.test_sign_in import ANNA, BORIS, own


@pytest.mark.parametrize(("name", "number"), [ANNA, BORIS])
def test_the_app_shows_the_patient_who_was_open(demo: Demo, app: str, tab: Tab, name: str, number: str) -> None:
    tab.start(demo.issuer, app, name)
    assert tab.page.get_by_role("link", name="Sign in as somebody else").count() == 0
    tab.press("Allow")
    told, patient = tab.told(), own(demo, number)
    assert told["patient"] == patient
    assert told["bills"] == [bill["id"] for bill in demo.found(f"Invoice?patient={patient}", demo.token(number))]
    assert told["bills"]


def test_nothing_is_told_without_consent(demo: Demo, app: str, tab: Tab) -> None:
    tab.start(demo.issuer, app, BORIS[0])
    tab.press("Deny")
    assert tab.alert().startswith("access_denied")


def test_an_app_that_is_not_known_is_told_what_to_do(demo: Demo, tab: Tab) -> None:
    with serving("localhost", iss=demo.base_url, clientId="growth-chart", scope=SCOPE) as app:
        tab.page.goto(f"{app}/launch.html")
        tab.page.get_by_role("heading", name="The app cannot be let in").wait_for()
        assert "demo-app" in tab.page.inner_text("main")
    tab.expect("status of 400")


def test_an_app_elsewhere_is_not_started(demo: Demo, tab: Tab) -> None:
    tab.page.goto(f"{demo.issuer}/launch")
    tab.page.get_by_label("The app's launch URL").fill("https://app.example.org/launch")
    tab.press("Start the app")
    assert "on this machine" in tab.alert()
    tab.expect("status of 400")
