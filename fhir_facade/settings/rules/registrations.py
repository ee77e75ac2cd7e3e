"""Rules about registrations: backend and gateway are installed and take their settings; the two fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_facade.settings.backends import Types
from fhir_facade.settings.faults import Finding
from fhir_facade.settings.judge import judged
from fhir_facade.settings.rules.site import Site
from fhir_facade.settings.suggestion import did_you_mean

PLAY_MONEY = {"production": False, "preview": True}


def backends_are_installed(site: Site) -> Iterator[Finding]:
    """The type is an installed name or a dotted path, and can be imported."""
    yield from _installed(site, "billing_system", site.backends, "backend")


def gateways_are_installed(site: Site) -> Iterator[Finding]:
    """The same of a gateway's type."""
    yield from _installed(site, "gateway", site.gateways, "gateway")


def settings_fit_the_backend(site: Site) -> Iterator[Finding]:
    """The backend's own schema judges ``settings``."""
    yield from _fitting(site, "billing_system", site.backends)


def settings_fit_the_gateway(site: Site) -> Iterator[Finding]:
    """The gateway's own schema judges ``settings``."""
    yield from _fitting(site, "gateway", site.gateways)


def gateways_fit_the_environment(site: Site) -> Iterator[Finding]:
    """Real bills are not paid with play money, nor play bills with real money; what is not marked is not compared."""
    for path, authority in site.entries("assigning_authority"):
        system = site.named("billing_system", authority.get("billing_system", ""))
        gateway = site.named("gateway", authority.get("gateway", ""))
        if not system or not gateway or "test" not in gateway[1]:
            continue
        environment = _environment(site, system[1])
        if PLAY_MONEY.get(environment, gateway[1]["test"]) != gateway[1]["test"]:
            marked = f"test = {str(gateway[1]['test']).lower()} at {site.place((*gateway[0], 'test'))}"
            message = f"has {marked}, and the billing system's environment is {environment}"
            rests_on = ((*path, "billing_system"), (*gateway[0], "test"), (*system[0], "settings"))
            yield Finding((*path, "gateway"), message, "name a gateway of the same kind", rests_on)


def _environment(site: Site, system: Mapping[str, Any]) -> str:
    """``settings.environment``, or what the backend takes it to be."""
    schema = _schema(site, system) or {}
    default = schema.get("properties", {}).get("environment", {}).get("default", "")
    return str(system.get("settings", {}).get("environment", default))


def _schema(site: Site, system: Mapping[str, Any]) -> Mapping[str, Any] | None:
    backend = site.backends.declared(system.get("type", ""))
    return backend.settings_schema if backend else None


def _installed(site: Site, kind: str, types: Types[Any], noun: str) -> Iterator[Finding]:
    for path, entry in site.entries(kind):
        if "type" in entry:
            try:
                types.load(entry["type"])
            except types.unknown as unknown:
                known = set(types.names())
                if ":" in entry["type"] or entry["type"] in known:
                    yield Finding((*path, "type"), "cannot be used", str(unknown))
                else:
                    advice = did_you_mean(entry["type"], known, 'install one, or write "package.module:Class"')
                    yield Finding((*path, "type"), f"is no installed {noun}", advice)


def _fitting(site: Site, kind: str, types: Types[Any]) -> Iterator[Finding]:
    for path, entry in site.entries(kind):
        if declared := types.declared(entry.get("type", "")):
            rests_on = ((*path, "type"),)
            for finding in judged(entry.get("settings", {}), declared.settings_schema, (*path, "settings")):
                yield Finding(
                    finding.path, finding.message, finding.advice, rests_on, finding.stands_for, finding.hidden
                )
