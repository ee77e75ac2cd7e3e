"""A running authorization server, a browser that obeys its forms, and a stock app (Authlib's own client)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc.jwk import KeySet

from fhir_facade.keys import PatientKey
from fhir_facade.sandbox.authorization import DevelopmentAuthorizationServer, Person
from fhir_facade.sandbox.authorization.keys import signing_keys
from fhir_facade.sandbox.demo_clients import demo_clients

BASE = "http://127.0.0.1:8080/fhir"
CALLBACK = "http://127.0.0.1:3000/callback?app=1"
SCOPE = "launch/patient openid fhirUser offline_access patient/Invoice.rs"
VERIFIER = "v" * 64
KEYS = signing_keys()  # once: to make them takes longer than most tests
FACADE = ("fhir-facade", "the-facades-secret")
ANNA = Person(
    "anna-vogel",
    "Anna Vogel",
    "id-of-anna",
    frozenset({PatientKey("riverside", "1001")}),
    ("Riverside Medical Group 1001", "Lakeside Specialists 1001"),
    ("Milo Vogel",),
)
MILO = Person("milo-vogel", "Milo <Vogel>", "id-of-milo", known_at=("Riverside Medical Group 1010",))
Query = dict[str, str]


class Clock:
    """Seconds of the epoch, moved by hand."""

    def __init__(self) -> None:
        self.seconds = time.time()

    def __call__(self) -> float:
        return self.seconds


class Forms(HTMLParser):
    """The form of a page: where it goes, its hidden fields, its buttons and options, and all the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.hidden, self.text = "", dict[str, str](), ""
        self.choices = list[tuple[str, str]]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        if tag in ("button", "option") and "value" in found:
            self.choices.append((found.get("name", ""), found["value"]))

    def handle_data(self, data: str) -> None:
        self.text += data


class Browser:
    """Follows no redirect: where it is sent, the app would see."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.session = issuer, requests.Session()

    def get(self, path: str, **query: str) -> requests.Response:
        return self.session.get(urljoin(self.issuer, path), params=query, allow_redirects=False, timeout=10)

    def submit(
        self, page: requests.Response, headers: dict[str, str] | None = None, **chosen: str
    ) -> requests.Response:
        assert page.status_code == 200, page.text
        form = Forms(page.text)
        return self.session.post(
            urljoin(self.issuer, form.action),
            data=form.hidden | chosen,
            headers=headers,
            allow_redirects=False,
            timeout=10,
        )

    def sign_in(self, page: requests.Response, person: str = ANNA.id, decision: str = "allow") -> requests.Response:
        """From the first page to the app."""
        return self.submit(self.submit(page, person=person), decision=decision)


class App(OAuth2Session):  # type: ignore[misc]  # Authlib's client has no types
    """A public app, unless there is a secret."""

    def __init__(self, issuer: str, client_id: str = "demo-app", secret: str | None = None, **other: Any) -> None:
        method = None if secret else "none"
        arguments = {"redirect_uri": CALLBACK, "scope": SCOPE, "token_endpoint_auth_method": method} | other
        super().__init__(client_id, secret, code_challenge_method="S256", **arguments)
        self.issuer = issuer

    def page(self, browser: Browser, **other: Any) -> requests.Response:
        """What the browser sees that the app sends to sign in; None leaves a parameter out."""
        url, _ = self.create_authorization_url(f"{self.issuer}/authorize", state="st&te", code_verifier=VERIFIER)
        asked: Query = dict(parse_qsl(urlsplit(url).query)) | {"aud": BASE} | other
        return browser.get("/authorize", **{name: value for name, value in asked.items() if value is not None})

    def redeem(self, back: requests.Response, **other: Any) -> Any:
        """The answer of the token endpoint for where the browser came back to."""
        form = {"grant_type": "authorization_code", "code_verifier": VERIFIER, "redirect_uri": CALLBACK}
        return self.token(**form | {"code": sent(back)["code"]} | other)

    def token(self, **form: str) -> Any:
        known = {} if self.client_secret else {"client_id": self.client_id}
        user = (self.client_id, self.client_secret) if self.client_secret else None
        return requests.post(f"{self.issuer}/token", data=known | form, auth=user, timeout=10)


def sent(back: requests.Response) -> Query:
    """What a redirect tells the app."""
    assert back.status_code == 302, back.text
    assert back.headers["Location"].startswith(f"{CALLBACK}&")
    return dict(parse_qsl(urlsplit(back.headers["Location"]).query))


def claims(token: str) -> Any:
    """What a token says; unverified."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.fixture
def keys() -> KeySet:
    return KEYS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def exchanges_key(tmp_path: Path) -> Path:
    return tmp_path / "exchange.jwk"


@pytest.fixture
def server(clock: Clock, exchanges_key: Path) -> Iterator[DevelopmentAuthorizationServer]:
    clients = demo_clients(FACADE[1], exchanges_key)
    with DevelopmentAuthorizationServer(BASE, clients, clock=clock, keys=KEYS) as server:
        server.people.admit((ANNA, MILO))
        yield server


@pytest.fixture
def issuer(server: DevelopmentAuthorizationServer) -> str:
    return server.issuer


@pytest.fixture
def browser(issuer: str) -> Browser:
    return Browser(issuer)


@pytest.fixture
def app(issuer: str) -> App:
    return App(issuer)


@pytest.fixture
def tokens(app: App, browser: Browser) -> Any:
    """What Anna's consent brings."""
    answer = app.redeem(browser.sign_in(app.page(browser)))
    assert answer.status_code == 200, answer.text
    return answer.json()


def active(issuer: str, token: str) -> bool:
    """Whether a token is in force, as the facade hears it."""
    answer = requests.post(f"{issuer}/introspect", data={"token": token}, auth=FACADE, timeout=10)
    assert answer.status_code == 200
    return bool(answer.json()["active"])
