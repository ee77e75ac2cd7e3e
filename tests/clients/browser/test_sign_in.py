"""A stock app lets somebody sign in, and shows their bills and nobody else's."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.browser.conftest import SCOPE, Demo
from tests.clients.browser.serving import serving
from tests.clients.browser.tab import Tab
from tests.sandbox.authorization.conftest import claims

PAGE = 2  # as the app asks
ANNA, MILO = ("Anna Vogel", "riverside|1001"), ("Milo Vogel", "riverside|1010")
LILY, BORIS = ("Lily Chen", "clinic|2006"), ("Boris Petrov", "clinic|1001")


def own(demo: Demo, number: str) -> str:
    """The Patient whom tokens name."""
    return str(claims(demo.token(number))["patient"])


@pytest.mark.parametrize(("name", "number"), [ANNA, MILO, LILY, BORIS])
def test_the_app_shows_what_the_facade_has(demo: Demo, app: str, tab: Tab, name: str, number: str) -> None:
    tab.sign_in(app, name)
    tab.press("Allow")
    told, token, patient = tab.told(), demo.token(number), own(demo, number)
    bills = demo.found(f"Invoice?patient={patient}", token)
    assert told["patient"] == patient
    assert told["fhirUser"] == f"Patient/{patient}"
    assert told["bills"] == [bill["id"] for bill in bills]
    assert told["totals"] == [len(bills)] * -(-len(bills) // PAGE)
    assert {bill["subject"]["reference"] for bill in bills} == {f"Patient/{patient}"}
    assert tab.page.locator("#bills li").count() == len(bills)
    assert set(told["everybody"]) == {each["id"] for each in demo.found("Patient", token)}
    everybodys = demo.found("Invoice", token)
    assert told["everybodys"] == [[bill["id"], bill["subject"]["reference"]] for bill in everybodys]
    assert tab.page.url == f"{app}/index.html"


def test_a_parent_sees_the_childs_bills_beside_their_own(demo: Demo, app: str, tab: Tab) -> None:
    anna, milo, boris = (own(demo, number) for _, number in (ANNA, MILO, BORIS))
    tab.sign_in(app, ANNA[0])
    tab.press("Allow")
    told = tab.told()
    childs = {bill["id"] for bill in demo.found("Invoice", demo.token(MILO[1]))}
    everybodys = {bill for bill, _ in told["everybodys"]}
    assert {anna, milo} <= set(told["everybody"])
    assert boris not in told["everybody"]
    assert childs
    assert childs <= everybodys
    assert childs.isdisjoint(told["bills"])  # who asks for one patient's bills gets these
    assert set(told["bills"]) < everybodys
    assert {subject for _, subject in told["everybodys"]} <= {f"Patient/{id}" for id in told["everybody"]}


def test_a_child_does_not_see_the_parents(demo: Demo, app: str, tab: Tab) -> None:
    tab.sign_in(app, MILO[0])
    tab.press("Allow")
    told = tab.told()
    assert own(demo, ANNA[1]) not in told["everybody"]
    parents = {bill["id"] for bill in demo.found("Invoice?assigner=lakeside", demo.token(ANNA[1]))}
    assert parents
    assert parents.isdisjoint(bill for bill, _ in told["everybodys"])


def test_the_code_is_bound_to_the_app(demo: Demo, app: str, tab: Tab) -> None:
    tab.sign_in(app, BORIS[0])
    tab.press("Allow")
    tab.told()
    asked = parse_qs(urlsplit(tab.sent_to(f"{demo.issuer}/authorize?")[0].url).query)
    [redeemed] = tab.sent_to(f"{demo.issuer}/token")
    verifier = parse_qs(redeemed.post_data)["code_verifier"][0]
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert (asked["code_challenge_method"], asked["code_challenge"]) == (["S256"], [challenge])
    assert asked["aud"] == [demo.base_url]


def test_a_refresh_brings_new_tokens_and_the_same_bills(app: str, tab: Tab) -> None:
    tab.sign_in(app, LILY[0])
    tab.press("Allow")
    told = [tab.told()]
    for _ in range(2):
        tab.press("Refresh")
        told.append(tab.told())
    answers = [each["state"]["tokenResponse"] for each in told]
    assert len({answer[kind] for answer in answers for kind in ("access_token", "refresh_token")}) == 6
    assert told[0]["bills"] == told[1]["bills"] == told[2]["bills"] != []


def test_a_page_that_is_loaded_again_need_not_ask_again(app: str, tab: Tab) -> None:
    tab.sign_in(app, BORIS[0])
    tab.press("Allow")
    first = tab.told()
    tab.page.reload()
    assert tab.told() == first


@pytest.mark.parametrize("button", ["Deny", "Sign in as somebody else"])
def test_nothing_is_told_without_consent(demo: Demo, app: str, tab: Tab, button: str) -> None:
    tab.sign_in(app, ANNA[0])
    if button == "Deny":
        tab.press("Deny")
    else:
        tab.page.get_by_role("link", name=button).click()
        tab.press("Cancel")
    assert tab.alert().startswith("access_denied")
    assert tab.page.url.startswith(f"{app}/index.html?error=access_denied")
    assert tab.sent_to(f"{demo.issuer}/token") == []


def test_an_app_under_another_name_of_this_machine(demo: Demo, tab: Tab) -> None:
    with serving("localhost", iss=demo.base_url, clientId="demo-app", scope=SCOPE) as app:
        tab.sign_in(app, BORIS[0])
        tab.press("Allow")
        assert tab.told()["patient"] == own(demo, BORIS[1])
