"""Clients on Node.js, with tokens of ``oidc-provider``: nothing but the facade is ours."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from bench import child
from tests.bell.issuing import USER
from tests.clients.nodejs import printed
from tests.clients.provider import Provider
from tests.clients.records import ANOTHER, BILLS, PAGE, PATIENT
from tests.clients.site import served

NUMBERS = sorted(BILLS)


@pytest.fixture(scope="module")
def base_url(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a facade that trusts the provider."""
    url = f"http://127.0.0.1:{child.free_port()}/fhir"
    with served(tmp_path_factory.mktemp("behind"), url, provider.url, USER):
        yield url


@pytest.fixture
def asked(provider: Provider, base_url: str) -> dict[str, Any]:
    """What a script is told: where the facade is, a token, and the id of a patient whom the token does not name."""
    token = provider.token("exchange", base_url, "system/*.rs")
    found = requests.get(
        f"{base_url}/Patient?identifier={ANOTHER}", headers={"Authorization": f"Bearer {token}"}, timeout=10
    ).json()
    others = found["entry"][0]["resource"]["id"]
    return {"baseUrl": base_url, "token": provider.token("es384", base_url), "count": PAGE, "others": others}


def test_fhir_kit_client(provider: Provider, asked: dict[str, Any]) -> None:
    told = printed("fhir-kit-client.mjs", **asked)
    own = provider.metadata
    assert told["smart"]["authorizeUrl"] == own["authorization_endpoint"]
    assert told["smart"]["tokenUrl"] == own["token_endpoint"]
    assert told["fhirVersion"] == "4.0.1"
    assert [page["total"] for page in told["pages"]] == [len(BILLS)] * 5
    assert [number for page in told["pages"] for number in page["numbers"]] == NUMBERS
    assert told["previous"] == told["pages"][-2]["numbers"]
    assert (told["posted"], told["second"]) == (told["pages"][0]["numbers"], told["pages"][1]["numbers"])
    assert told["read"]
    assert told["subject"]
    assert told["refused"] == {
        "token": outcome(401, "login"),
        "others": outcome(404, "not-found"),
        "write": outcome(405, "not-supported"),
        "value": outcome(400, "value"),
        "history": outcome(404, "not-supported"),
    }


def outcome(status: int, code: str) -> dict[str, Any]:
    return {"status": status, "type": "OperationOutcome", "code": code}


def test_fhirclient(asked: dict[str, Any]) -> None:
    told = printed("fhirclient.mjs", **asked)
    assert (told["release"], told["patient"]) == (4, PATIENT)
    assert told["pages"] == [len(BILLS)] * 5
    assert told["numbers"] == NUMBERS
    assert sorted(told["own"]) == NUMBERS
    assert told["visits"] == ["5001"]
    assert told["paid"] == NUMBERS[0]
    assert {number: Decimal(amount) for number, amount in told["amounts"].items()} == BILLS
    assert told["refused"] == {"token": 401, "others": 404, "value": 400}
