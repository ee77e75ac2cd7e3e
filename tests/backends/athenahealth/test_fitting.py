"""Whether a ``posting`` table fits: by its schema at start, by the practice in ``check`` (production rule F1)."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.athenahealth.ways import POSTING_SCHEMA
from fhir_facade.sandbox.athenahealth import Practice, Simulator
from tests.backends.athenahealth.telling import RECORD, VENDOR

METHODS, VENDORS = "/configuration/validnonccpcreditcardmethods", "/patientpayvendors/{id}/validvendorpaymentmethods"


@pytest.fixture(autouse=True)
def vendor(practice: Practice) -> None:
    practice.vendors["ACME"] = {"MC/VISA": "Visa", "AMEX": "Amex", "CASH": "Cash"}


def lines(backend: AthenaHealth, posting: dict[str, Any]) -> list[tuple[str, str]]:
    return [(probe.endpoint, probe.outcome) for probe in backend.fits(posting)]


@pytest.mark.parametrize(("posting", "endpoint"), [(RECORD, METHODS), (VENDOR, VENDORS)])
def test_what_fits(ready: AthenaHealth, sim: Simulator, posting: dict[str, Any], endpoint: str) -> None:
    assert lines(ready, posting) == [("posting.department", "ok"), (endpoint, "ok")]
    assert len(sim.calls) == 1
    assert sim.world.surprises == []


def test_a_method_that_the_practice_does_not_have_is_named_with_those_that_it_has(ready: AthenaHealth) -> None:
    posting = RECORD | {"methods": {"visa": "VISA", "amex": "AMEX"}}
    [_, probe] = ready.fits(posting)
    assert probe.outcome == "misconfigured"
    assert probe.detail.startswith('visa = "VISA" in posting.methods; the practice has AMEX, DEBIT, DISCOVER, MC/VISA')


def test_a_vendors_methods_are_its_own(ready: AthenaHealth) -> None:
    assert lines(ready, VENDOR | {"methods": {"discover": "DISCOVER"}})[1] == (VENDORS, "misconfigured")


def test_a_department_that_the_practice_does_not_have(ready: AthenaHealth) -> None:
    assert lines(ready, RECORD | {"department": "9"})[0] == ("posting.department", "misconfigured")


def test_an_unknown_vendor_is_refused(ready: AthenaHealth) -> None:
    assert lines(ready, VENDOR | {"vendor_code": "ELSE"})[1] == (VENDORS, "refused")


def test_a_practice_that_does_not_answer(ready: AthenaHealth, sim: Simulator) -> None:
    sim.fault("html", template=METHODS)
    assert lines(ready, RECORD)[1] == (METHODS, "unreachable")


def test_without_posting_no_payment_can_be_told(ready: AthenaHealth) -> None:
    assert lines(ready, {}) == [("posting", "misconfigured")]


@pytest.mark.parametrize("posting", [RECORD, VENDOR, RECORD | {"department": 1}])
def test_the_schema_takes_what_is_right(posting: dict[str, Any]) -> None:
    jsonschema.validate(posting, POSTING_SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"via": "statement"},
        {"department": "main"},
        {"department": "0x1"},
        {"methods": {}},
        {"methods": {"VISA": "MC/VISA"}},
        {"methods": {"visa": ""}},
        {"methods": {"check": "CHECK"}},
        {"statement": "INSERT"},
        {"via": "vendor"},
        {"via": "vendor", "vendor_code": "ACME"},
        {"vendor_code": "AC/ME"},
    ],
    ids=str,
)
def test_the_schema_refuses_what_is_wrong(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(RECORD | change, POSTING_SCHEMA)


@pytest.mark.parametrize("key", ["via", "department", "methods"])
def test_the_schema_misses_what_is_needed(key: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({name: value for name, value in RECORD.items() if name != key}, POSTING_SCHEMA)
