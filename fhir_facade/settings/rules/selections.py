"""Rules about ``select``: a record of a billing system belongs to one assigning authority."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from fhir_facade.settings.faults import Finding
from fhir_facade.settings.rules.site import Entry, Site
from fhir_facade.settings.suggestion import did_you_mean

ANY = "*"


def select_keys_are_the_backends(site: Site) -> Iterator[Finding]:
    """A key that the backend does not know would select nothing; ``*`` among its keys allows every one."""
    for path, authority in site.entries("assigning_authority"):
        for key in _unknown_keys(site, authority):
            known = _select_keys(site, authority)
            advice = did_you_mean(key, known, "leave select out: this backend cannot be divided")
            rests_on = ((*path, "billing_system"),)
            yield Finding((*path, "select", key), "is no part that this backend selects by", advice, rests_on)


def selections_do_not_overlap(site: Site) -> Iterator[Finding]:
    """Two authorities of a billing system must differ in a key that both select by."""
    for entries in _by_billing_system(site):
        for first, second in combinations(entries, 2):
            if common := _overlap(first[1].get("select", {}), second[1].get("select", {})):
                path, other = (*second[0], "select"), (*first[0], "select")
                name = first[1].get("id", "another assigning authority")
                message = f"overlaps with the selection of {name} at {site.place(other)}: {common}"
                yield Finding(path, message, "give each of the two a part of its own", (other,))


def _select_keys(site: Site, authority: Mapping[str, Any]) -> frozenset[str]:
    """What the authority's backend selects by; anything when it is not known, which other rules say."""
    system = site.named("billing_system", authority.get("billing_system", ""))
    backend = site.backends.declared(system[1].get("type", "")) if system else None
    return backend.select_keys if backend else frozenset({ANY})


def _unknown_keys(site: Site, authority: Mapping[str, Any]) -> list[str]:
    known = _select_keys(site, authority)
    return [key for key in authority.get("select", {}) if ANY not in known and key not in known]


def _by_billing_system(site: Site) -> Iterable[list[Entry]]:
    """The authorities of each billing system, without those whose select is no selection."""
    groups: dict[str, list[Entry]] = {}
    for entry in site.entries("assigning_authority"):
        if (name := entry[1].get("billing_system")) and not _unknown_keys(site, entry[1]):
            groups.setdefault(name, []).append(entry)
    return groups.values()


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What two selections may both hold, in words; empty when no record can belong to both."""
    if not one or not other:
        return "without a select it is the whole billing system"
    both = one.keys() & other.keys()
    shared = {key: as_set(one[key]) & as_set(other[key]) for key in sorted(both)}
    if not all(shared.values()):
        return ""
    if not shared:
        return "they select by different keys, so a record can belong to both"
    return ", ".join(f'{key} "{min(values)}"' for key, values in shared.items())


def as_set(value: Any) -> frozenset[str]:
    """The values of one key of a ``select``: a text, or a list of texts."""
    return frozenset([value] if isinstance(value, str) else (text for text in value if isinstance(text, str)))
