"""Reference 5 and 6: how values and bodies are written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from fhir_facade.sandbox.athenahealth import Balance, Practice
from fhir_facade.sandbox.athenahealth.forms import eastern, money_text
from tests.sandbox.conftest import Api


def scalars(api: Api) -> dict[str, Any]:
    patient, claim = api.json("/patients/1001")[0], api.json("/claims/9301")
    visit, department = api.json("/appointments/101")[0], api.json("/departments/1")[0]
    return {
        "pong": api.json("/ping")["pong"],
        "patientid": patient["patientid"],
        "balance": patient["balances"][1]["balance"],
        "cleanbalance": patient["balances"][1]["cleanbalance"],
        "claimid": claim["claimid"],
        "duration": visit["duration"],
        "doesnotobservedst": department["doesnotobservedst"],
    }


@pytest.fixture
def everything(practice: Practice) -> None:
    practice.patients["1001"].balances["1"] = Balance("1")
    practice.add_claim(1001, 9301, "225")
    practice.add_visit(1001, 101, date=dt.date(2026, 4, 1))


@pytest.mark.usefixtures("everything")
def test_scalars_are_mixed_as_recorded(api: Api) -> None:
    assert scalars(api) == {
        "pong": "true", "patientid": "1001", "balance": 0, "cleanbalance": "true", "claimid": "9301",
        "duration": "30", "doesnotobservedst": "false",
    }  # fmt: skip


@pytest.mark.usefixtures("everything")
def test_proper_json_encoding_is_a_setting_of_the_practice(api: Api, practice: Practice) -> None:
    practice.proper_json = True
    assert scalars(api) == {
        "pong": True, "patientid": 1001, "balance": "0", "cleanbalance": True, "claimid": 9301,
        "duration": 30, "doesnotobservedst": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.16", ".16"),
        ("-0.16", "-.16"),
        (".01", ".01"),
        ("10", "10"),
        ("9.010", "9.01"),
        ("0", "0"),
        ("-978.70", "-978.7"),
        ("10.05", "10.05"),
        ("1000", "1000"),
    ],
)
def test_amounts_as_text_are_short(amount: str, text: str) -> None:
    assert money_text(amount) == text


def test_eastern_times_follow_daylight_saving_and_have_no_offset() -> None:
    assert eastern(dt.datetime(2025, 7, 1, 17, 18, 13, tzinfo=dt.UTC)) == "07/01/2025 13:18:13"
    assert eastern(dt.datetime(2025, 12, 1, 17, 18, 13, tzinfo=dt.UTC)) == "12/01/2025 12:18:13"


@pytest.mark.usefixtures("everything")
def test_slashes_are_escaped_in_bodies(api: Api) -> None:
    assert r"05\/20\/1980" in api.get("/patients/1001").text


def test_error_bodies_begin_with_two_newlines(api: Api) -> None:
    answer = api.get("/patients/4711")
    assert answer.text.startswith("\n\n{")
    assert answer.headers["Content-Type"] == "application/json"


def test_a_path_without_service_is_plain_text_that_claims_to_be_json(api: Api) -> None:
    answer = api.get("/nothing")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert answer.text == "Service not registered with API gateway."
