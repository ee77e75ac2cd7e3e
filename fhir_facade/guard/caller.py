"""Who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fhir_facade import wire
from fhir_facade.guard.scopes import Scope
from fhir_facade.keys import PatientKey


@dataclass(frozen=True, eq=False)
class Caller:
    """Somebody with or without a token; the same token is the same caller, for as long as it is remembered.

    ``patients`` None: not bound to patients.  ``persons``: the people whose person Patient the caller may read, by its
    id, with their numbers.  ``authorities`` and ``features`` None: all released ones.  ``scopes`` None: not bound by
    scopes.  ``client``: a registered one, which may call by itself (``system/``).  ``name`` binds page links to the
    caller; it is never shown.  ``token`` is the token's ``jti``, for the audit trail.
    """

    name: str
    patients: frozenset[PatientKey] | None = None
    authorities: frozenset[str] | None = None
    features: frozenset[str] | None = None
    scopes: tuple[Scope, ...] | None = None
    client: bool = False
    token: str = ""
    persons: Mapping[str, frozenset[PatientKey]] = field(default_factory=dict)

    @property
    def application(self) -> str:
        """The issuer and the client, without whom it is used by."""
        return wire.encode(wire.decode(self.name)[:2]).decode() if self.name.startswith("[") else self.name


ANYBODY = Caller("open")  # ``security.mode = "open"``: whoever can reach the loopback address
