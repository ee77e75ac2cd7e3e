"""Judged values to the frozen values of ``model``.  Defaults are the model's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_facade.settings.model import (
    AssigningAuthority,
    Audit,
    BillingSystemSettings,
    Bills,
    Client,
    Gateway,
    Payments,
    People,
    Secret,
    Security,
    Server,
    Settings,
)
from fhir_facade.settings.rules.selections import as_set


def settings(values: Mapping[str, Any], digest: str) -> Settings:
    """The whole file."""
    return Settings(
        server=_server(values["server"]),
        security=Security(**values.get("security", {})),
        billing_systems=tuple(BillingSystemSettings(**system) for system in values.get("billing_system", ())),
        authorities=tuple(map(_authority, values.get("assigning_authority", ()))),
        clients=tuple(map(_client, values.get("client", ()))),
        gateways=tuple(Gateway(**gateway) for gateway in values.get("gateway", ())),
        audit=Audit(**values.get("audit", {})),
        digest=digest,
        people=People(**values.get("people", {})),
        payments=Payments(tuple(values.get("payments", {}).get("return_urls", ()))),
    )


def _server(table: Mapping[str, Any]) -> Server:
    key = table.get("id_key")
    secret = Secret(tuple([key] if isinstance(key, str) else key)) if key else None
    return Server(**{**table, "id_key": secret})


def _authority(table: Mapping[str, Any]) -> AssigningAuthority:
    select = {key: as_set(value) for key, value in table.get("select", {}).items()}
    return AssigningAuthority(**{**table, "select": select, "bills": Bills(**table.get("bills", {}))})


def _client(table: Mapping[str, Any]) -> Client:
    lists = {key: tuple(table.get(key, ())) for key in ("authorities", "features")}
    return Client(**{**table, **lists})
