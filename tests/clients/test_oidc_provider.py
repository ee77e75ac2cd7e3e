"""The facade behind an issuer that somebody else wrote: npm's ``oidc-provider``, a certified one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from fhir_facade.clock import utcnow
from fhir_facade.house import House, build
from fhir_facade.settings.load import load
from tests.bell.issuing import USER
from tests.clients.provider import Provider
from tests.clients.records import BILLS, PATIENT
from tests.clients.site import written

BASE = "http://127.0.0.1:8080/fhir"


class Behind:
    """A facade in this process, whose clock can be put forward."""

    def __init__(self, settings: Path) -> None:
        self._ahead = dt.timedelta()
        self.house: House = build(load(settings), lambda: utcnow() + self._ahead)

    def advance(self, seconds: float) -> None:
        self._ahead += dt.timedelta(seconds=seconds)

    def get(self, path: str, token: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.house.app.test_client().get(path, headers=headers)

    def json(self, path: str) -> Any:
        response = self.get(path)
        assert response.status_code == 200
        return response.json

    def bills(self, token: str) -> int:
        """How many bills the token opens, or the status of the refusal."""
        response = self.get("/fhir/Invoice", token)
        return int(response.get_json()["total"]) if response.status_code == 200 else response.status_code


@pytest.fixture(params=[USER, None], ids=["introspecting", "by-signature"])
def user(request: pytest.FixtureRequest) -> tuple[str, str] | None:
    """The facade's credentials at the issuer."""
    found: tuple[str, str] | None = request.param
    return found


@pytest.fixture
def behind(provider: Provider, tmp_path: Path, user: tuple[str, str] | None) -> Iterator[Behind]:
    behind = Behind(written(tmp_path, BASE, provider.url, user))
    with closing(behind.house):
        yield behind


introspecting = pytest.mark.parametrize("user", [USER], ids=["introspecting"], indirect=True)


@pytest.mark.parametrize("client", ["rs256", "es384"])
def test_a_signed_token_opens_its_patients_bills(provider: Provider, behind: Behind, client: str) -> None:
    assert behind.bills(provider.token(client, BASE)) == len(BILLS)
    assert behind.bills(provider.token(client, BASE, "system/*.rs")) == 403
    assert behind.bills(provider.token(client, "https://another.example.org/fhir")) == 401


def test_a_token_that_was_tampered_with_opens_nothing(provider: Provider, behind: Behind) -> None:
    head, claims, signature = provider.token("es384", BASE).split(".")
    other = provider.token("es384", BASE, "patient/Invoice.rs").split(".")[1]
    assert behind.bills(f"{head}.{other}.{signature}") == 401
    assert behind.bills(f"{head}.{claims}.{signature}") == len(BILLS)


def test_a_signed_token_ends(provider: Provider, behind: Behind) -> None:
    token = provider.token("rs256", BASE)
    assert behind.bills(token) == len(BILLS)
    behind.advance(600 + 31)
    assert behind.bills(token) == 401


@introspecting
def test_an_opaque_token_is_asked_about_and_its_end_is_seen(provider: Provider, behind: Behind) -> None:
    token = provider.token("opaque", BASE)
    assert behind.bills(token) == len(BILLS)
    assert behind.bills(provider.token("opaque", "https://another.example.org/fhir")) == 401
    provider.revoke("opaque", token)
    behind.advance(59)
    assert behind.bills(token) == len(BILLS)
    behind.advance(2)
    assert behind.bills(token) == 401


@pytest.mark.parametrize("user", [None], ids=["by-signature"], indirect=True)
def test_without_credentials_there_is_nobody_to_ask_about_an_opaque_token(provider: Provider, behind: Behind) -> None:
    assert behind.bills(provider.token("opaque", BASE)) == 401


@introspecting
def test_an_exchange_is_bound_to_its_authorities(provider: Provider, behind: Behind) -> None:
    token = provider.token("exchange", BASE, "system/*.rs")
    assert behind.get(f"/fhir/Patient?identifier={PATIENT}", token).get_json()["total"] == 1
    assert behind.bills(provider.token("exchange", BASE, "patient/*.rs")) == 403


def test_new_keys_are_fetched_and_old_ones_forgotten(provider: Provider, behind: Behind) -> None:
    old = provider.token("es384", BASE)
    assert behind.bills(old) == len(BILLS)
    provider.change_keys()
    behind.advance(31)
    assert behind.bills(provider.token("es384", BASE)) == len(BILLS)
    assert behind.bills(old) == len(BILLS)  # remembered for five minutes
    behind.advance(300)
    assert behind.bills(old) == 401


def test_discovery_agrees_with_the_issuers_own(provider: Provider, behind: Behind) -> None:
    own = provider.metadata
    told = behind.json("/fhir/.well-known/smart-configuration")
    named = {"issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "introspection_endpoint"}
    named |= {"revocation_endpoint", "grant_types_supported", "code_challenge_methods_supported"}
    assert named <= told.keys() & own.keys()
    assert {name: told[name] for name in told.keys() & own.keys()} == {
        name: own[name] for name in told.keys() & own.keys()
    }
    [uris] = behind.json("/fhir/metadata")["rest"][0]["security"]["extension"]
    assert {each["url"]: each["valueUri"] for each in uris["extension"]} == {
        "authorize": own["authorization_endpoint"],
        "token": own["token_endpoint"],
        "introspect": own["introspection_endpoint"],
        "revoke": own["revocation_endpoint"],
    }
    resource = behind.json("/.well-known/oauth-protected-resource/fhir")
    assert (resource["resource"], resource["authorization_servers"]) == (BASE, [provider.url])
