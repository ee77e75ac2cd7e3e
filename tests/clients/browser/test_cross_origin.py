"""What a script of another origin may ask, and what it gets to read of the answers.  https://fetch.spec.whatwg.org/"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Error

from tests.clients.browser.conftest import Demo
from tests.clients.browser.tab import Tab

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
NUMBER = "clinic|1001"


@pytest.fixture
def preflights(app: str, tab: Tab) -> list[str]:
    """A page of the app is open; the URLs that the browser asked about beforehand."""
    asked = list[str]()
    session = tab.page.context.new_cdp_session(tab.page)

    def heard(said: Any) -> None:
        if said["initiator"]["type"] == "preflight":
            asked.append(said["request"]["url"])

    session.on("Network.requestWillBeSent", heard)
    session.send("Network.enable")
    tab.page.goto(f"{app}/index.html")
    tab.page.locator("#fault:not([hidden])").wait_for()  # nobody has signed in
    return asked


@pytest.fixture
def bearer(demo: Demo) -> dict[str, str]:
    return {"Authorization": f"Bearer {demo.token(NUMBER)}"}


def test_a_bill_is_read_with_all_that_its_headers_say(
    demo: Demo, tab: Tab, preflights: list[str], bearer: dict[str, str]
) -> None:
    [bill, *_] = demo.found("Invoice", demo.token(NUMBER))
    url, wanted = f"{demo.base_url}/Invoice/{bill['id']}", {"Accept": "application/fhir+json", "X-Request-Id": "mine"}
    answer = tab.fetch(url, headers=bearer | wanted)
    assert json.loads(answer["body"])["id"] == bill["id"]
    assert answer["headers"]["x-request-id"] == "mine"
    assert answer["headers"]["etag"] == f'W/"{bill["meta"]["versionId"]}"'
    unchanged = tab.fetch(url, headers=bearer | {"If-None-Match": answer["headers"]["etag"]}, cache="no-store")
    dated = bearer | {"If-Modified-Since": answer["headers"]["last-modified"]}
    assert (unchanged["status"], tab.fetch(url, headers=dated, cache="no-store")["status"]) == (304, 304)
    assert tab.fetch(url, headers=bearer, method="HEAD")["status"] == 200
    assert url in preflights


def test_a_search_is_posted(demo: Demo, tab: Tab, preflights: list[str], bearer: dict[str, str]) -> None:
    url, body = f"{demo.base_url}/Invoice/_search", urlencode({"_count": "1"})
    headers = bearer | FORM | {"Prefer": "handling=strict"}
    bundle = json.loads(tab.fetch(url, method="POST", headers=headers, body=body)["body"])
    assert bundle["total"] > len(bundle["entry"]) == 1
    following = next(link["url"] for link in bundle["link"] if link["relation"] == "next")
    assert len(json.loads(tab.fetch(following, headers=bearer)["body"])["entry"]) == 1
    assert {url, following} <= set(preflights)


REFUSED = [
    ("Invoice", "", 401),
    ("Invoice", "Bearer x", 401),
    ("Invoice/x", "good", 404),
    ("Invoice?date=x", "good", 400),
]


@pytest.mark.usefixtures("preflights")
@pytest.mark.parametrize(("path", "token", "status"), REFUSED)
def test_a_refusal_can_be_read(
    demo: Demo, tab: Tab, bearer: dict[str, str], path: str, token: str, status: int
) -> None:
    headers = bearer if token == "good" else {"Authorization": token} if token else {}
    answer = tab.fetch(f"{demo.base_url}/{path}", headers=headers)
    assert answer["status"] == status
    assert json.loads(answer["body"])["resourceType"] == "OperationOutcome"
    assert ("www-authenticate" in answer["headers"]) is (status == 401)
    tab.expect(f"status of {status}")


@pytest.mark.usefixtures("preflights")
def test_nothing_is_deleted(demo: Demo, tab: Tab, bearer: dict[str, str]) -> None:
    with pytest.raises(Error, match="Failed to fetch"):
        tab.fetch(f"{demo.base_url}/Invoice/x", headers=bearer, method="DELETE")
    tab.expect("is not allowed by Access-Control-Allow-Methods")
    tab.expect("net::ERR_FAILED")


def test_an_app_registers_itself_and_finds_all_that_it_needs(demo: Demo, tab: Tab, preflights: list[str]) -> None:
    known = json.loads(tab.fetch(f"{demo.base_url}/.well-known/smart-configuration")["body"])
    assert json.loads(tab.fetch(f"{demo.base_url}/metadata")["body"])["fhirVersion"] == "4.0.1"
    assert json.loads(tab.fetch(f"{demo.issuer}/.well-known/openid-configuration")["body"])["issuer"] == demo.issuer
    assert json.loads(tab.fetch(known["jwks_uri"])["body"])["keys"]
    wanted = {"client_name": "Bills", "redirect_uris": ["http://127.0.0.1:3000/"], "token_endpoint_auth_method": "none"}
    made = tab.fetch(known["registration_endpoint"], method="POST", headers=JSON, body=json.dumps(wanted))
    assert json.loads(made["body"])["client_id"]
    assert known["registration_endpoint"] in preflights


@pytest.mark.usefixtures("preflights")
def test_an_app_gives_its_token_back(demo: Demo, tab: Tab) -> None:
    known = json.loads(tab.fetch(f"{demo.base_url}/.well-known/smart-configuration")["body"])
    form = urlencode({"client_id": "demo-app", "token": demo.token(NUMBER)})
    assert tab.fetch(known["revocation_endpoint"], method="POST", headers=FORM, body=form)["status"] == 200


@pytest.mark.usefixtures("preflights")
def test_no_app_gets_a_token_that_nobody_consented_to(demo: Demo, tab: Tab) -> None:
    with pytest.raises(Error, match="Failed to fetch"):
        tab.fetch(f"{demo.issuer}/demo-token?patient={NUMBER}")
    tab.expect("has been blocked by CORS policy")
    tab.expect("net::ERR_FAILED")
