"""Which of an authority's switches a type needs: ``capability/switches.json``."""

from __future__ import annotations

from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification.files import document


def offers(authority: AssigningAuthority, type: str) -> bool:
    """True if records of ``type`` exist at the authority.  ``any`` stands for any switch but ``bills.pending``."""
    needed = document("switches.json").get(type)
    on = authority.switches() - {"bills.pending"}
    return bool(on) if needed == "any" else not on.isdisjoint(needed or ())


def feature(type: str, features: frozenset[str]) -> bool:
    """True if a client with these features may use ``type``; ``view`` includes appointments (design.md §2)."""
    needed = document("switches.json").get(type)
    if needed == "any":
        return bool(features - {"pending"})
    names = {name.removeprefix("bills.") for name in needed or ()}
    return not features.isdisjoint(names) or ("appointments" in names and "view" in features)


def pending(type: str) -> tuple[str, str] | None:
    """The search parameter that leaves pending records of ``type`` out (``capability/pending.json``), if it has any."""
    name, _, value = document("pending.json").get(type, "").partition("=")
    return (name, value) if name else None
