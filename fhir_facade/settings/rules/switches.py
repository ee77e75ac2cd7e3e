"""Rules about an authority's switches: what one of them needs is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_facade.settings.faults import Finding, KeyPath
from fhir_facade.settings.rules.site import Site

VIEW, DOWNLOAD, PAY = ("bills", "view"), ("bills", "download"), ("bills", "pay")
APPOINTMENTS, PREPAY = ("appointments",), ("prepay",)

NEEDS: tuple[tuple[KeyPath, KeyPath], ...] = ((DOWNLOAD, VIEW), (PAY, VIEW), (PREPAY, APPOINTMENTS))
ON_BY_DEFAULT = (APPOINTMENTS,)


def switches_have_what_they_need(site: Site) -> Iterator[Finding]:
    """Downloading and paying need viewing; paying before an appointment needs appointments."""
    for path, authority in site.entries("assigning_authority"):
        for switch, needed in NEEDS:
            if is_on(authority, switch) and not is_on(authority, needed):
                name, other = ".".join(map(str, needed)), ".".join(map(str, switch))
                advice = f"write {name} = true or {other} = false"
                yield Finding((*path, *switch), f"needs {name} = true", advice, ((*path, *needed),))


def payments_have_a_gateway(site: Site) -> Iterator[Finding]:
    """Whoever takes payments says through which gateway; ``names.gateways_are_known`` judges the name."""
    gateways = " or ".join(f'"{entry["name"]}"' for _, entry in site.entries("gateway") if "name" in entry)
    advice = f"write gateway = {gateways}" if gateways else "define a [[gateway]] and name it"
    for path, authority in site.entries("assigning_authority"):
        for switch in (PAY, PREPAY):
            if is_on(authority, switch) and not authority.get("gateway"):
                yield Finding((*path, *switch), "needs a gateway", advice, ((*path, "gateway"),))


def is_on(authority: Mapping[str, Any], switch: KeyPath) -> bool:
    """Whether a switch of an authority is on."""
    value: Any = authority
    for step in switch:
        value = value.get(step, {} if step == "bills" else switch in ON_BY_DEFAULT)
    return bool(value)
