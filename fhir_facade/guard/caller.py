"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_facade.keys import PatientKey


@dataclass(frozen=True)
class Caller:
    """Somebody with or without a token.

    ``patients`` None: not bound to patients.  ``authorities`` None: all released ones.  ``name`` binds page links to
    the caller; it is never shown.
    """

    name: str
    patients: frozenset[PatientKey] | None = None
    authorities: frozenset[str] | None = None


ANYBODY = Caller("open")  # ``security.mode = "open"``: whoever can reach the loopback address
