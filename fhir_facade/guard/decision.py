"""The decision: what of a type a caller may read or search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from fhir_facade.errors import Forbidden, Invalid
from fhir_facade.files.own import PUBLIC
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.scopes import SYSTEM, Scope
from fhir_facade.keys import PatientKey
from fhir_facade.search.query import Criterion, parse
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification import definitions
from fhir_facade.specification.access import rules
from fhir_facade.specification.switches import feature, offers, pending


@dataclass(frozen=True)
class Grant:
    """What one scope allows: these authorities' records, these patients' (None: anybody's), on these conditions."""

    authorities: frozenset[str]
    patients: frozenset[PatientKey] | None = None
    conditions: tuple[Criterion, ...] = ()

    def names(self, patient: PatientKey) -> bool:
        return patient.authority in self.authorities and (self.patients is None or patient in self.patients)

    def admits(self, resource: Resource) -> bool:
        if resource.authority not in self.authorities:
            return False
        if self.patients is not None and rules()[resource.type].personal and resource.patient not in self.patients:
            return False
        return all(criterion.admits(resource.values(criterion.code)) for criterion in self.conditions)


@dataclass(frozen=True, eq=False)
class Allowed:
    """What a caller may see of one type: what any of the grants allows."""

    grants: tuple[Grant, ...]

    @cached_property
    def authorities(self) -> frozenset[str]:
        """Whose records may be among it."""
        return frozenset(name for grant in self.grants for name in grant.authorities)

    @cached_property
    def patients(self) -> frozenset[PatientKey] | None:
        """Whose records it is confined to, or None where it is not."""
        bound = [grant.patients for grant in self.grants if grant.patients is not None]
        return frozenset(key for keys in bound for key in keys) if len(bound) == len(self.grants) else None

    def names(self, patient: PatientKey) -> bool:
        """True if the caller may ask about this patient."""
        return any(grant.names(patient) for grant in self.grants)

    def admits(self, resource: Resource) -> bool:
        """True if the caller may see this resource: asked of every one, after the search."""
        return any(grant.admits(resource) for grant in self.grants)


class Guard:
    """Decides from the authorities that the site has released."""

    def __init__(self, released: Iterable[AssigningAuthority], base_url: str) -> None:
        self.released, self._base_url = tuple(released), base_url
        self.decide = lru_cache(maxsize=4096)(self._decide)  # for the same caller it is decided once

    def _decide(self, caller: Caller, type: str, letter: str) -> Allowed:
        """What ``caller`` may see of ``type``, with the scope letter r or s; nothing is a valid answer.

        ``Forbidden`` where no scope of theirs, or no feature of their client's, is for the type and the interaction.
        """
        if type in definitions.TYPES:
            return Allowed((Grant(frozenset({PUBLIC})),))
        if caller.features is not None and not feature(type, caller.features):
            raise Forbidden
        if caller.scopes is None:
            return Allowed((self._grant(caller, type, caller.patients),))
        found = [
            grant for scope in caller.scopes if scope.grants(type, letter) for grant in self._of(scope, caller, type)
        ]
        if not found:
            raise Forbidden
        return Allowed(tuple(found))

    def _of(self, scope: Scope, caller: Caller, type: str) -> Iterable[Grant]:
        """What a scope comes to: nothing where its bounds, or its conditions, cannot be told."""
        bound = None if scope.level == SYSTEM else caller.patients
        if not (caller.client if scope.level == SYSTEM else bound) or (bound is None and rules()[type].confined):
            return
        try:
            conditions = parse(type, scope.conditions, base_url=self._base_url, strict=True).criteria
        except Invalid:
            return
        if len(conditions) == len(scope.conditions):
            yield self._grant(caller, type, bound, conditions)

    def _grant(
        self,
        caller: Caller,
        type: str,
        patients: frozenset[PatientKey] | None,
        conditions: tuple[Criterion, ...] = (),
    ) -> Grant:
        offering = frozenset(authority.id for authority in self.released if offers(authority, type))
        if caller.authorities is not None:
            offering &= caller.authorities
        if patients is not None:
            offering &= {key.authority for key in patients}
        return Grant(offering, patients, (*conditions, *self._without_pending(caller, type)))

    def _without_pending(self, caller: Caller, type: str) -> tuple[Criterion, ...]:
        """Clients without the feature ``pending`` see no draft bills (``capability/switches.json``)."""
        hidden = pending(type)
        if hidden is None or caller.features is None or "pending" in caller.features:
            return ()
        return parse(type, (hidden,), base_url=self._base_url, strict=True).criteria
