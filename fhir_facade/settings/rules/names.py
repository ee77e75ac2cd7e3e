"""Rules about names: each is used once, and what a name refers to is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhir_facade.settings.faults import Finding, KeyPath
from fhir_facade.settings.rules.site import Site
from fhir_facade.settings.suggestion import did_you_mean

NAMES = (("billing_system", "name"), ("assigning_authority", "id"), ("client", "id"), ("gateway", "name"))


def names_are_unique(site: Site) -> Iterator[Finding]:
    """Two entries with one name could not be told apart."""
    for kind, key in NAMES:
        pairs = [((*path, key), entry[key]) for path, entry in site.entries(kind) if entry.get(key)]
        yield from _repeated(site, pairs, f"give each {kind} its own {key}")


def identifier_systems_are_unique(site: Site) -> Iterator[Finding]:
    """One identifier system for two purposes would make one number mean two things."""
    pairs: list[tuple[KeyPath, str]] = []
    for path, authority in site.entries("assigning_authority"):
        if "system" in authority:
            pairs.append(((*path, "system"), authority["system"]))
        for kind, system in authority.get("identifiers", {}).items():
            pairs.append(((*path, "identifiers", kind), system))
    yield from _repeated(site, pairs, "give each kind of number of each assigning authority a system of its own")


def billing_systems_are_known(site: Site) -> Iterator[Finding]:
    """An assigning authority's bills come from a registered billing system."""
    known = _values(site, "billing_system", "name")
    for path, authority in site.entries("assigning_authority"):
        if "billing_system" in authority and authority["billing_system"] not in known:
            advice = did_you_mean(authority["billing_system"], known, "add a [[billing_system]] with this name")
            rests_on = _paths(site, "billing_system", "name")
            yield Finding((*path, "billing_system"), "names no [[billing_system]]", advice, rests_on)


def gateways_are_known(site: Site) -> Iterator[Finding]:
    """Also where no payment is switched on yet."""
    known = _values(site, "gateway", "name")
    for path, authority in site.entries("assigning_authority"):
        if authority.get("gateway") and authority["gateway"] not in known:
            advice = did_you_mean(authority["gateway"], known, "add a [[gateway]] with this name")
            yield Finding((*path, "gateway"), "names no [[gateway]]", advice, _paths(site, "gateway", "name"))


def clients_authorities_are_known(site: Site) -> Iterator[Finding]:
    """A misspelt authority would silently be invisible to the client."""
    known = _values(site, "assigning_authority", "id")
    for path, client in site.entries("client"):
        for index, name in enumerate(client.get("authorities", ())):
            if isinstance(name, str) and name not in known:
                advice = did_you_mean(name, known, "add an [[assigning_authority]] with this id")
                rests_on = _paths(site, "assigning_authority", "id")
                yield Finding((*path, "authorities", index), "names no [[assigning_authority]]", advice, rests_on)


def _values(site: Site, kind: str, key: str) -> set[str]:
    return {entry[key] for _, entry in site.entries(kind) if entry.get(key)}


def _paths(site: Site, kind: str, key: str) -> tuple[KeyPath, ...]:
    """The paths of all names of a kind; the one of no entry (-1) stands for the list itself, which may be no list."""
    return ((kind, -1, key), *((*path, key) for path, _ in site.entries(kind)))


def _repeated(site: Site, pairs: Iterable[tuple[KeyPath, str]], advice: str) -> Iterator[Finding]:
    first: dict[str, KeyPath] = {}
    for path, value in pairs:
        if value in first:
            yield Finding(path, f"is used already at {site.place(first[value])}", advice)
        first.setdefault(value, path)
