"""Nothing but the listed writes ever leaves (production rule E6)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fhir_facade.backends.athenahealth import wire, writes
from fhir_facade.backends.athenahealth.client import Client
from fhir_facade.backends.athenahealth.configuration import configure
from fhir_facade.backends.athenahealth.writes import ALLOWED, RECORD_PAYMENT, VENDOR_PAYMENT, NotAllowed, Write
from fhir_facade.backends.port import Context
from fhir_facade.sandbox.athenahealth import Simulator

FOLDER = Path(writes.__file__).parent
CARD_DATA = {
    "accountnumber",
    "cardsecuritycode",
    "trackdata",
    "expirationmonthmm",
    "expirationyearyyyy",
    "nameoncard",
    "billingaddress",
    "billingzip",
}
NEVER = [
    "/patients/{id}/collectpayment",
    "/patients/{id}/collectpayment/storedcard",
    "/patients/{id}/collectpayment/singleappointment",
    "/patients/{id}/collectpayment/oneyear",
    "/patients/{id}/collectpayment/paymentplan",
    "/patients/{id}/voidpayment/{payment}",
    "/patientpayvendors/{vendor}/patientenrollment",
    "/patientpayvendors/{vendor}/statements",
    "/patientpayvendors/{vendor}/changeageingownership",
    "/patientpayvendors/{vendor}/claimcollections",
    "/patientpayvendors/{vendor}/adjustingcharges",
    "/misc/properjsonencoding",
    "/claims",
    "",
]


@pytest.fixture
def client(settings: dict[str, object], context: Context) -> Client:
    """A client that has asked for nothing yet, not even a token."""
    return Client(configure(settings), context)


def test_the_list() -> None:
    assert {write.template for write in ALLOWED} == {
        "/patients/{id}/recordpayment",
        "/patientpayvendors/{vendor}/payments",
        "/patientpayvendors/{vendor}/payments/{payment}/refund",
        "/patients/{id}/documents/patientcase",
        "/patients/{id}/securemessage/topractice",
    }
    assert not CARD_DATA.intersection(*[write.fields for write in ALLOWED])
    assert not any(field in write.fields for write in ALLOWED for field in CARD_DATA)


@pytest.mark.parametrize("template", NEVER)
def test_what_is_not_listed_is_refused_before_a_socket_is_opened(client: Client, sim: Simulator, template: str) -> None:
    numbers = {name: "1001" for name in ("id", "payment", "vendor") if f"{{{name}}}" in template}
    with pytest.raises(NotAllowed):
        client.post(Write(template, frozenset({"amount"})), {"amount": "1"}, **numbers)
    assert sim.calls == []


@pytest.mark.parametrize("field", sorted(CARD_DATA))
def test_no_card_data_travels_with_a_payment(client: Client, sim: Simulator, field: str) -> None:
    with pytest.raises(NotAllowed, match=field):
        client.post(RECORD_PAYMENT, {"departmentid": "1", field: "4111111111111111"}, id="1001")
    assert sim.calls == []


@pytest.mark.parametrize(
    "numbers",
    [
        {"id": "1001/collectpayment"},
        {"id": "../1001"},
        {"id": ""},
        {"id": "1001?x=1"},
        {"id": "1001\n"},
        {},
        {"id": "1001", "vendor": "ACME"},
    ],
)
def test_a_number_cannot_lead_elsewhere(client: Client, sim: Simulator, numbers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        client.post(RECORD_PAYMENT, {"departmentid": "1"}, **numbers)
    assert sim.calls == []


def test_a_vendors_code_cannot_either(client: Client, sim: Simulator) -> None:
    with pytest.raises(NotAllowed):
        client.post(VENDOR_PAYMENT, {}, vendor="ACME/claimcollections")
    assert sim.calls == []


def test_a_refusal_quotes_no_value(client: Client) -> None:
    with pytest.raises(NotAllowed) as raised:
        client.post(RECORD_PAYMENT, {"accountnumber": "4111111111111111"}, id="1001")
    assert "4111" not in str(raised.value)


def test_there_is_no_other_way_to_write() -> None:
    """Only the wire exchanges; its two ways to post take the token's template or what ``permitted`` has made."""
    calls = [
        (path.name, ast.unparse(node))
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    posting = {(name, text.partition("(")[0]) for name, text in calls if ".post(" in text or "_wire.tell(" in text}
    assert {(n, t) for n, t in posting if t in ("self._wire.post", "self._wire.tell", "self._client.post")} == {
        ("token.py", "self._wire.post"),
        ("client.py", "self._wire.tell"),
        ("poster.py", "self._client.post"),
    }
    assert [name for name, text in calls if text.startswith("self._wire.post(TEMPLATE,")] == ["token.py"]
    assert wire.Wire.tell.__annotations__["letter"] == "Permitted"
    made = [name for name, text in ((p.name, p.read_text()) for p in FOLDER.glob("*.py")) if "Permitted(" in text]
    assert made == ["writes.py"]
