"""The settings table: what is refused, and what is in force without being said."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.athenahealth.configuration import Configuration, configure

SETTINGS: dict[str, Any] = {
    "environment": "preview",
    "practice_id": "195900",
    "client_id": "an-id",
    "client_secret": "a-secret",
}
VALIDATOR = Draft202012Validator(AthenaHealth.settings_schema)


def test_the_schema_is_one_and_describes_every_setting() -> None:
    Draft202012Validator.check_schema(AthenaHealth.settings_schema)
    assert [name for name, each in AthenaHealth.settings_schema["properties"].items() if not each["description"]] == []


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"practice_id": 195900},
        {"environment": "production", "receipts": "each", "deadline_seconds": 5.5, "calls_in_flight": 8},
        {"rate": {"per_second": 100}},
        {"rate": {"per_second": 100, "per_day": 500000}},
        {"base_url": "http://127.0.0.1:8080"},
        {"base_url": "https://proxy.example.org/athena"},
        {"client_secret": ["new", "old"]},
        {"patient_number": "enterprise"},
        {"patient_number": "local", "department": "21"},
        {"visits_ask_patient": True, "clean_balance_means": "tied-up"},
    ],
)
def test_good_settings_are_accepted(more: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(SETTINGS | more)) == []


@pytest.mark.parametrize(
    "more",
    [
        {"environment": "sandbox"},
        {"practice_id": "a/b"},
        {"practice_id": ""},
        {"client_secret": ""},
        {"client_secret": []},
        {"base_url": "http://api.example.org"},
        {"base_url": "ftp://127.0.0.1"},
        {"base_url": "http://127.0.0.1.example.org"},
        {"base_url": "http://localhost@example.org"},
        {"rate": {"per_minute": 1}},
        {"rate": {"per_second": 0}},
        {"deadline_seconds": 0},
        {"patient_number": "local"},
        {"receipt": "each"},
    ],
)
def test_bad_settings_are_refused(more: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(SETTINGS | more))


@pytest.mark.parametrize("name", SETTINGS)
def test_what_decides_where_and_as_whom_to_ask_must_be_said(name: str) -> None:
    assert list(VALIDATOR.iter_errors({key: value for key, value in SETTINGS.items() if key != name}))


def test_what_is_not_said_has_its_default() -> None:
    assert configure(SETTINGS) == Configuration(
        practice="195900",
        client_id="an-id",
        secrets=("a-secret",),
        base_url="https://api.preview.platform.athenahealth.com",
        scope="athena/service/Athenanet.MDP.*",
        deadline=8.0,
        calls_in_flight=64,
    )


def test_production_is_another_host() -> None:
    production = configure(SETTINGS | {"environment": "production"})
    assert production.token_url == "https://api.platform.athenahealth.com/oauth2/v1/token"


def test_a_configuration_does_not_print_its_secrets() -> None:
    assert "a-secret" not in repr(configure(SETTINGS))
