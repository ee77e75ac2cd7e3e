"""The decision: what of a type a caller may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from fhir_facade.files.own import PUBLIC
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification import definitions
from fhir_facade.specification.access import rules
from fhir_facade.specification.switches import offers


@dataclass(frozen=True)
class Allowed:
    """What a caller may see of one type: these authorities' records, and of these patients' (None: of anybody's)."""

    authorities: frozenset[str]
    patients: frozenset[PatientKey] | None = None

    def names(self, patient: PatientKey) -> bool:
        """True if the caller may ask about this patient."""
        return patient.authority in self.authorities and (self.patients is None or patient in self.patients)

    def admits(self, resource: Resource) -> bool:
        """True if the caller may see this resource: asked of every one, after the search."""
        if resource.authority not in self.authorities:
            return False
        if self.patients is None or not rules()[resource.type].personal:
            return True
        return resource.patient in self.patients


@dataclass(frozen=True, eq=False)
class Guard:
    """Decides from the authorities that the site has released."""

    released: tuple[AssigningAuthority, ...]

    @classmethod
    def of(cls, released: Iterable[AssigningAuthority]) -> Guard:
        return cls(tuple(released))

    def decide(self, caller: Caller, type: str) -> Allowed:
        """What ``caller`` may see of ``type``; nothing is a valid answer."""
        return _decided(self, caller, type)


@lru_cache(maxsize=4096)
def _decided(guard: Guard, caller: Caller, type: str) -> Allowed:
    if type in definitions.TYPES:
        return Allowed(frozenset({PUBLIC}))
    offering = frozenset(authority.id for authority in guard.released if offers(authority, type))
    if caller.authorities is not None:
        offering &= caller.authorities
    return Allowed(offering, caller.patients)
