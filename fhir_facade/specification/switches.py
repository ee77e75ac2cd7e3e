"""Which of an authority's switches a type needs: ``capability/switches.json``."""

from __future__ import annotations

from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification.files import document


def offers(authority: AssigningAuthority, type: str) -> bool:
    """True if records of ``type`` exist at the authority.  ``any`` stands for any switch but ``bills.pending``."""
    needed = document("switches.json").get(type)
    on = authority.switches() - {"bills.pending"}
    return bool(on) if needed == "any" else needed in on
