"""The schema, the model, the manual and the kinds of record say the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fhir_facade.files.source import LIFE
from fhir_facade.records import Kind
from fhir_facade.settings.judge import facade_schema
from fhir_facade.settings.model import (
    AssigningAuthority,
    BillingSystemSettings,
    Bills,
    Client,
    Gateway,
    People,
    Secret,
    Security,
    Server,
    Settings,
)
from tests.settings.manual import wanted, written

MODELS = {
    "server": Server,
    "security": Security,
    "people": People,
    "billing_system": BillingSystemSettings,
    "assigning_authority": AssigningAuthority,
    "client": Client,
    "gateway": Gateway,
}
DEFINED = facade_schema()["$defs"]
BILLS = DEFINED["assigning_authority"]["properties"]["bills"]["properties"]


def described(schema: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, str]]:
    for key, about in schema.get("properties", {}).items():
        if "$ref" not in about or "description" in about:
            yield f"{where}.{key}", about.get("description", "")
        yield from described(about, f"{where}.{key}")


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(facade_schema())


def test_every_property_is_described() -> None:
    schemas = [facade_schema(), *DEFINED.values()]
    properties = [pair for schema in schemas for pair in described(schema)]
    assert len(properties) > 50
    assert [where for where, description in properties if not description.endswith(".")] == []


@pytest.mark.parametrize("name", MODELS)
def test_schema_and_model_have_the_same_keys_and_defaults(name: str) -> None:
    fields = {field.name: field for field in dataclasses.fields(MODELS[name])}
    properties = DEFINED[name]["properties"]
    assert fields.keys() == properties.keys()
    for key, about in properties.items():
        default = fields[key].default
        if "default" in about and not isinstance(about["default"], dict | list):
            assert about["default"] == default, key
        elif "default" not in about and key != "bills":
            assert default in (None, dataclasses.MISSING), key


def test_the_switches_of_bills_have_the_models_defaults() -> None:
    assert {key: about["default"] for key, about in BILLS.items()} == dataclasses.asdict(Bills())


def test_what_has_no_default_is_required_or_none() -> None:
    lists = facade_schema()["properties"]
    for name, model in MODELS.items():
        needed = {field.name for field in dataclasses.fields(model) if _has_no_default(field)}
        required = lists[name].get("items", DEFINED[name]).get("required", [])
        assert needed == set(required), name


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def test_life_names_every_kind_with_its_life() -> None:
    life = DEFINED["billing_system"]["properties"]["life"]["properties"]
    assert {Kind(kind): about["default"] for kind, about in life.items()} == LIFE


def test_a_client_may_have_every_switch_as_a_feature() -> None:
    everything = Bills(view=True, download=True, pay=True, pending=True)
    authority = AssigningAuthority("a", "A", "urn:a", "b", bills=everything, prepay=True, messages=True)
    features = DEFINED["client"]["properties"]["features"]["items"]["enum"]
    assert {switch.removeprefix("bills.") for switch in authority.switches()} == set(features)


def test_the_manual_has_a_row_for_every_key_and_no_other() -> None:
    assert [str(row) for row in written()] == [str(row) for row in wanted()]
    assert [row.section for row in written()] == [row.section for row in wanted()]


def test_only_released_authorities_exist() -> None:
    systems = (BillingSystemSettings("on", "sql"), BillingSystemSettings("off", "sql", enabled=False))
    silent = AssigningAuthority("silent", "S", "urn:s", "on", appointments=False)
    shown = AssigningAuthority("shown", "T", "urn:t", "on")
    hidden = AssigningAuthority("hidden", "H", "urn:h", "off")
    settings = Settings(Server("https://a.example.org"), Security(), systems, (silent, shown, hidden))
    assert settings.released() == (shown,)
    assert "hush" not in repr(Secret(("hush",)))
