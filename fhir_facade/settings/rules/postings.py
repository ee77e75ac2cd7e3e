"""Rules about ``posting``: what an authority takes can be told to its billing system, in the backend's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_facade.settings.faults import Finding
from fhir_facade.settings.judge import judged
from fhir_facade.settings.rules.site import Entry, Site
from fhir_facade.settings.rules.switches import PAY, PREPAY, is_on


def postings_fit_the_backend(site: Site) -> Iterator[Finding]:
    """The backend's own schema judges ``posting``, which may be left out (design.md §2): then no tender is taken."""
    for (path, authority), schema in _judges(site):
        if schema is not None and authority.get("posting"):
            rests_on = ((*path, "billing_system"),)
            for found in judged(authority["posting"], schema, (*path, "posting")):
                yield Finding(found.path, found.message, found.advice, rests_on, found.stands_for, found.hidden)


def payments_can_be_told(site: Site) -> Iterator[Finding]:
    """Nobody pays what no billing system would ever hear of."""
    for (path, authority), schema in _judges(site):
        if schema is None:
            rests_on = ((*path, "billing_system"),)
            for switch in (PAY, PREPAY):
                if is_on(authority, switch):
                    advice = f"write {'.'.join(map(str, switch))} = false"
                    yield Finding((*path, *switch), "needs a backend that tells of payments", advice, rests_on)
            if authority.get("posting"):
                message = "is for a backend that tells of payments, and this one does not"
                yield Finding((*path, "posting"), message, "leave it out", rests_on)


def _judges(site: Site) -> Iterator[tuple[Entry, Mapping[str, Any] | None]]:
    """The authorities whose backend is known, each with its backend's ``posting_schema``."""
    for entry in site.entries("assigning_authority"):
        system = site.named("billing_system", entry[1].get("billing_system", ""))
        backend = site.backends.declared(system[1].get("type", "")) if system else None
        if backend is not None:
            yield entry, backend.posting_schema
