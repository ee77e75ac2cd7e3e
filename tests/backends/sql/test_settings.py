"""The settings of the sql backend: what is refused when it is opened, without a connection."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fhir_facade.backends.port import Context
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.state.memory import MemoryStore

GOOD: dict[str, Any] = {
    "url": "postgresql://reader:hush@db.example.org/billing",
    "timezone": "America/New_York",
    "queries": {"persons": "persons", "bills": "bills"},
}


def faults(settings: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft202012Validator(SqlBackend.settings_schema).iter_errors(settings)]


def test_opening_makes_no_connection() -> None:
    assert faults(GOOD) == []
    SqlBackend.open(GOOD, Context("clinic", MemoryStore())).close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": 5},
        {"amount_unit": "dollars"},
        {"pool_size": 0},
        {"statement_timeout_seconds": 0},
        {"queries": {"persons": "persons"}},
        {"queries": {"persons": "p", "bills": "b", "invoices": "i"}},
        {"timeout": 5},
    ],
)
def test_the_schema_refuses(wrong: dict[str, Any]) -> None:
    assert len(faults(GOOD | wrong)) == 1


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("url", "'url' is a required property"),
        ("timezone", "'timezone' is a dependency of 'queries'"),
    ],
)
def test_the_schema_requires(missing: str, said: str) -> None:
    assert faults({key: value for key, value in GOOD.items() if key != missing}) == [said]


def test_a_database_alone_means_its_views_and_check_asks_for_the_zone() -> None:
    assert faults({"url": "sqlite:///clinic.db"}) == []
    backend = SqlBackend.open({"url": "sqlite://"}, Context("clinic", MemoryStore()))
    lines = {probe.endpoint: probe.outcome for probe in backend.probe()}
    backend.close()
    assert lines.keys() == {"connection", "timezone", "persons", "bills"}
    assert lines["timezone"] == "misconfigured"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"timezone": "Eastern"}, 'settings.timezone = "Eastern" is no IANA zone'),
        ({"timezone": "../etc/passwd"}, "is no IANA zone"),
        ({"queries": {"persons": "p", "bills": "DELETE FROM b"}}, "settings.queries.bills: expected a SELECT"),
        ({"url": "db.example.org:hush"}, "settings.url: not an SQLAlchemy database URL"),
        ({"url": "carrier-pigeon://hush@coop"}, "settings.url: not an SQLAlchemy database URL"),
        ({"url": "oracle://reader:hush@db/x"}, "settings.url: the database's driver is not installed"),
    ],
)
def test_opening_refuses_what_cannot_be_meant_and_keeps_secrets(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="settings") as fault:
        SqlBackend.open(GOOD | wrong, Context("clinic", MemoryStore()))
    assert said in str(fault.value)
    assert "hush" not in str(fault.value)
