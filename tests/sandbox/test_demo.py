"""What the demo's facade stands in front of starts, and the settings for it are right."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import requests

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.port import BillingSystem
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.sandbox.clinic import QUERIES
from fhir_facade.sandbox.demo import start_billing_systems, start_demo
from fhir_facade.settings.backends import Backends
from fhir_facade.settings.judge import facade_schema, judged
from fhir_facade.settings.load import load


def systems(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {system["name"]: system["settings"] for system in values["billing_system"]}


def test_the_settings_are_of_the_right_shape(tmp_path: Path) -> None:
    with start_billing_systems(tmp_path) as path:
        values = tomllib.loads(path.read_text())
    assert list(judged(values, facade_schema())) == []
    assert values["server"]["base_url"] == "http://127.0.0.1:8080/fhir"
    assert values["security"]["mode"] == "open"
    assert [(each["id"], each.get("select")) for each in values["assigning_authority"]] == [
        ("riverside", {"provider_group": "1"}),
        ("lakeside", {"provider_group": "2"}),
        ("clinic", None),
    ]
    queries = systems(values)["clinic"]["queries"]
    assert {name: query.strip() for name, query in queries.items()} == {name: QUERIES[name].strip() for name in QUERIES}


def test_the_settings_load(tmp_path: Path) -> None:
    types: dict[str, type[BillingSystem]] = {"athenahealth": AthenaHealth, "sql": SqlBackend}
    with start_billing_systems(tmp_path) as path:
        settings = load(path, environ={}, backends=Backends(types.__getitem__, lambda: types))
    assert [system.name for system in settings.billing_systems] == ["athena", "clinic"]
    assert [authority.id for authority in settings.released()] == ["riverside", "lakeside", "clinic"]
    assert settings.billing_systems[0].settings["client_secret"] == "sandbox-secret"


def test_with_an_authorization_server_everybody_is_asked_for_a_token(tmp_path: Path) -> None:
    with start_demo(tmp_path / "demo", base_url="http://127.0.0.1:9999/fhir") as demo:
        settings = load(demo.config, environ={})
        values = tomllib.loads(demo.config.read_text())
        named = requests.get(f"{settings.security.issuer}/.well-known/openid-configuration", timeout=5).json()
    assert list(judged(values, facade_schema())) == []
    assert (settings.security.mode, settings.security.patient_means) == ("smart", "local")
    assert settings.security.issuer == named["issuer"] == demo.authorization.issuer
    assert settings.security.audience == "http://127.0.0.1:9999/fhir"
    assert [(client.id, client.authorities) for client in settings.clients] == [("regional-hie", ("clinic",))]
    for secret in (tmp_path / "demo" / "facade-secret.txt", demo.exchanges_key):
        assert secret.stat().st_mode & 0o077 == 0
    assert settings.security.client_secret not in demo.config.read_text()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{demo.authorization.issuer}/jwks", timeout=5)


def test_the_secret_lies_beside_the_settings_and_nobody_else_reads_it(tmp_path: Path) -> None:
    with start_billing_systems(tmp_path) as path:
        reference = systems(tomllib.loads(path.read_text()))["athena"]["client_secret"]
    secret = tmp_path / reference.removeprefix("file:")
    assert secret.read_text() == "sandbox-secret\n"
    assert secret.stat().st_mode & 0o077 == 0


def test_the_simulator_answers_where_the_settings_say_and_only_while_it_is_open(tmp_path: Path) -> None:
    with start_billing_systems(tmp_path) as path:
        url = systems(tomllib.loads(path.read_text()))["athena"]["base_url"]
        assert requests.get(f"{url}/v1/195900/ping", timeout=5).status_code == 401
        assert (tmp_path / "clinic.db").exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/v1/195900/ping", timeout=5)


def test_a_folder_with_odd_characters_is_quoted(tmp_path: Path) -> None:
    odd = tmp_path / 'a "demo" \\ folder'
    with start_billing_systems(odd, base_url="http://127.0.0.1:9999/fhir") as path:
        values = tomllib.loads(path.read_text())
    assert systems(values)["clinic"]["url"] == f"sqlite:///{odd}/clinic.db"
    assert values["server"]["base_url"] == "http://127.0.0.1:9999/fhir"
