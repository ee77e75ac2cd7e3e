"""Scopes are granted as they were asked for, or left out."""

from __future__ import annotations

import pytest

from fhir_facade.sandbox.authorization.authorizations import Authorizations
from fhir_facade.sandbox.authorization.scopes import APP_LEVELS, CONTEXT, SUPPORTED, SYSTEM_LEVELS, granted, meaning

APPS = (
    *CONTEXT,
    "patient/*.rs",
    "patient/*.read",
    "patient/*.*",
    "patient/Invoice.read",
    "user/Account.r",
    "patient/Invoice.rs?status=issued",
    "patient/Invoice.rs?status=issued&assigner=Organization/riverside",
)
NOBODYS = (
    "patient/Observation.rs",
    "patient/Invoice.sr",
    "patient/Invoice",
    "patient/.rs",
    "profile",
    "launch/encounter",
)


@pytest.mark.parametrize("scope", APPS)
def test_apps_are_granted_what_they_ask_for(scope: str) -> None:
    assert granted(f"{scope}  {scope} nonsense", APP_LEVELS) == scope
    assert granted(scope, SYSTEM_LEVELS) == ""
    assert meaning(scope)


@pytest.mark.parametrize(
    ("scope", "read"),
    [
        ("patient/*.rs", "see records of every type"),
        ("patient/Invoice.read", "see records of the type Invoice"),
        ("user/PaymentNotice.cr", "see and change records of the type PaymentNotice"),
        ("patient/Invoice.s?status=issued", "see some records of the type Invoice"),
        ("patient/Invoice.write", "change records of the type Invoice"),
    ],
)
def test_people_read_what_a_scope_is_for(scope: str, read: str) -> None:
    assert meaning(scope) == read


@pytest.mark.parametrize("scope", ["system/*.rs", "system/Invoice.read", "system/Invoice.rs?status=issued"])
def test_systems_are_granted_what_they_ask_for(scope: str) -> None:
    assert granted(scope, SYSTEM_LEVELS) == scope
    assert granted(scope, APP_LEVELS) == ""


@pytest.mark.parametrize("scope", NOBODYS)
def test_what_the_facade_does_not_know_is_granted_to_nobody(scope: str) -> None:
    assert granted(scope, APP_LEVELS) == granted(scope, SYSTEM_LEVELS) == ""


def test_what_is_published_is_granted() -> None:
    assert all(granted(scope, APP_LEVELS) or granted(scope, SYSTEM_LEVELS) for scope in SUPPORTED)


def test_what_has_ended_is_not_there() -> None:
    authorizations = Authorizations(lambda: 0.0)
    begun = authorizations.begin("app", "patient/*.rs")
    begun.ended = True
    assert authorizations.of(f"{begun.id}.x") is None


def test_what_is_remembered_is_bounded() -> None:
    authorizations = Authorizations(lambda: 0.0)
    first = authorizations.begin("app", "patient/*.rs")
    assert authorizations.of(f"{first.id}.x") is first
    for _ in range(10_000):
        last = authorizations.begin("app", "patient/*.rs")
    assert authorizations.of(f"{first.id}.x") is None
    assert authorizations.of(f"{last.id}.x") is last
