"""docs/gateways.md: its signatures are right, and its tables are the code's."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from fhir_facade.gateways import signing, standing
from fhir_facade.gateways.port import GatewayContext, Outcome
from fhir_facade.gateways.redirect import NOTIFICATION, Redirect
from fhir_facade.gateways.stripe import Stripe
from fhir_facade.sandbox.gateway.faults import KINDS
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing import GatewayContract
from tests.gateways.hosted import Clock, new_session
from tests.people import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "gateways.md").read_text()
SECRET = "correct-horse-battery-staple-0123"
EXAMPLES = dict(re.findall(r"^```(checkout|status|notification|capture)\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL))


def by_hand(purpose: str, text: bytes) -> str:
    return hmac.new(SECRET.encode(), purpose.encode() + b"\n" + text, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("purpose", ["checkout", "status"])
def test_the_urls_are_signed_as_the_page_says(purpose: str) -> None:
    query, _, signature = urlsplit(EXAMPLES[purpose]).query.rpartition("&signature=")
    assert signature == by_hand(purpose, query.encode())
    assert query == signing.canonical(dict(parse_qsl(query)))
    assert signing.url_is_signed((SECRET,), purpose, dict(parse_qsl(urlsplit(EXAMPLES[purpose]).query)))


@pytest.mark.parametrize("purpose", ["notification", "capture"])
def test_the_bodies_are_signed_as_the_page_says(purpose: str) -> None:
    header, _, body = EXAMPLES[purpose].partition("\n\n")
    said = dict(part.split("=") for part in header.removeprefix("Payment-Signature: ").split(","))
    assert said["v1"] == by_hand(purpose, f"{said['t']}.{said['n']}.{body}".encode())
    written = signing.signed_header((SECRET,), purpose, int(said["t"]), said["n"], body.encode())
    assert header == f"Payment-Signature: {written}"


def test_the_gateway_writes_and_believes_the_examples() -> None:
    clock = Clock(NOW)
    clock.at = clock.at.fromtimestamp(1780315200, clock.at.tzinfo)
    settings = {"url": "https://pay.example.org/checkout", "secret": SECRET}
    gateway = Redirect.open(settings, GatewayContext("main", MemoryStore(), clock))
    header, _, body = EXAMPLES[NOTIFICATION].partition("\n\n")
    headers = {signing.HEADER: header.removeprefix("Payment-Signature: ")}
    (result,) = gateway.notified(headers, body.encode())
    assert (result.outcome, str(result.amount), result.event) == (Outcome.CAPTURED, "85.50", "evt-1")
    wanted = dict(parse_qsl(urlsplit(EXAMPLES["checkout"]).query))
    given = dict(parse_qsl(urlsplit(gateway.start(new_session(clock())).url).query))
    assert given.keys() == wanted.keys()
    assert set(wanted) == set(re.findall(r"^\| `(\w+)` \|", section("The checkout URL"), re.MULTILINE))


def test_every_member_of_a_standing_and_every_outcome_is_described() -> None:
    described = section("A standing")
    assert re.findall(r"^\| `(\w+)` \|", described, re.MULTILINE) == list(standing.Standing.__struct_fields__)
    assert [outcome for outcome in Outcome if f"`{outcome.value}`" not in described] == []


@pytest.mark.parametrize(("title", "type_"), [("`redirect`", Redirect), ("`stripe`", Stripe)])
def test_every_setting_has_its_row(title: str, type_: type[Redirect | Stripe]) -> None:
    properties: Mapping[str, Any] = type_.settings_schema["properties"]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section(title), re.MULTILINE)
    assert rows == [(name, about["description"]) for name, about in properties.items()]


def test_every_behaviour_has_its_row() -> None:
    rows = re.findall(r"^\| (\d\w) \| (.*) \|$", PAGE, re.MULTILINE)
    methods = {name: method for name, method in vars(GatewayContract).items() if name.startswith("test_")}
    assert rows == [(name.split("_")[1], method.__doc__) for name, method in methods.items()]


def test_every_fault_of_the_demo_gateway_is_named() -> None:
    assert [kind for kind in KINDS if f"`{kind}`" not in section("The demo gateway")] == []


def section(title: str) -> str:
    found = re.search(rf"^##+ {re.escape(title)}\n(.*?)(?=^## |^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]
