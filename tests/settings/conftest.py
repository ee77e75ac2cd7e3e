"""A small right settings file, two backends for it, and a way to load or refuse variants of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.port import BillingSystem
from fhir_facade.backends.registry import UnknownBackend
from fhir_facade.gateways.port import Gateway
from fhir_facade.gateways.redirect import Redirect
from fhir_facade.gateways.registry import UnknownGateway
from fhir_facade.settings.backends import Backends, Gateways
from fhir_facade.settings.faults import BadSettings, Fault
from fhir_facade.settings.load import load
from fhir_facade.settings.model import Settings

RIGHT = """\
[server]
base_url = "https://billing.example.org/fhir"

[security]
issuer = "https://id.example.org"
audience = "https://billing.example.org/fhir"

[[billing_system]]
name = "athena"
type = "practice"
settings = { practice_id = "195900", client_secret = "a secret", environment = "preview" }

[[assigning_authority]]
id = "riverside"
name = "Riverside Medical Group"
system = "urn:oid:1.3.6.1.4.1.99999.1"
billing_system = "athena"
select = { provider_group = "1" }
bills = { view = true, pay = true }
gateway = "main"

[[assigning_authority]]
id = "lakeside"
name = "Lakeside Dental"
system = "https://lakeside.example.org/numbers"
billing_system = "athena"
select = { provider_group = ["2", "3"] }

[[client]]
id = "regional-hie"
authorities = ["riverside"]
features = ["view"]

[[gateway]]
name = "main"
type = "redirect"
settings = { url = "https://pay.example.org/checkout", secret = "long enough to sign messages with" }
"""


class Practice(MemoryBackend):
    """A billing system that is divided by provider groups and departments."""

    settings_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["practice_id", "client_secret"],
        "properties": {
            "practice_id": {"type": "string", "pattern": "^[0-9]+$", "description": "The practice's number."},
            "client_id": {"type": "string"},
            "client_secret": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            "environment": {"enum": ["preview", "production"], "default": "production"},
            "pin": {"type": "string", "maxLength": 4, "writeOnly": True},
        },
    }
    select_keys: ClassVar[frozenset[str]] = frozenset({"provider_group", "department"})
    posting_schema: ClassVar[Mapping[str, Any] | None] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"via": {"enum": ["recordpayment", "vendor"]}},
    }


class Table(MemoryBackend):
    """A billing system whose rows name their own parts, and that cannot be told of payments."""

    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    select_keys: ClassVar[frozenset[str]] = frozenset({"*"})
    posting_schema: ClassVar[Mapping[str, Any] | None] = None


class Strict(Practice):
    """A practice that must say how it is told of payments."""

    posting_schema: ClassVar[Mapping[str, Any] | None] = {
        "type": "object",
        "required": ["via"],
        "properties": {"via": {"enum": ["recordpayment", "vendor"]}},
    }


TYPES: Mapping[str, type[BillingSystem]] = {
    "practice": Practice,
    "athenahealth": Practice,
    "strict": Strict,
    "sql": Table,
}


def find(type_: str) -> type[BillingSystem]:
    if type_ not in TYPES:
        raise UnknownBackend(type_)
    return TYPES[type_]


BACKENDS = Backends(find, TYPES.keys)


def find_gateway(type_: str) -> type[Gateway]:
    if type_ != "redirect":
        raise UnknownGateway(type_)
    return Redirect


GATEWAYS = Gateways(find_gateway, lambda: ["redirect"])
Load = Callable[..., Settings]
Refuse = Callable[..., tuple[Fault, ...]]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Loads a text as ``facade.toml``."""

    def loading(text: str, environ: Mapping[str, str] | None = None) -> Settings:
        file = tmp_path / "facade.toml"
        file.write_text(text)
        return load(file, environ=environ or {}, backends=BACKENDS, gateways=GATEWAYS)

    return loading


@pytest.fixture
def refused(loaded: Load) -> Refuse:
    """The faults of a text."""

    def refusing(text: str, environ: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
        with pytest.raises(BadSettings) as refusal:
            loaded(text, environ)
        return refusal.value.faults

    return refusing


def changed(old: str, new: str, text: str = RIGHT) -> str:
    """The right file with one place of it written otherwise."""
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the file"
    return text.replace(old, new)
