"""Who may ask for an operation, and for whom: decided before any id is looked at (fhir-contract.md §7)."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_facade.errors import Forbidden
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Guard
from fhir_facade.specification.operations import Operation

NOTICE = "PaymentNotice"


@dataclass(frozen=True)
class Permitted:
    """``target``: what of the type it may be asked of; ``notice``: whose payments it may begin or change."""

    target: Allowed
    notice: Allowed


def permitted(guard: Guard, caller: Caller, operation: Operation, type: str) -> Permitted:
    """What a caller may do; ``Forbidden`` where a scope is missing, or no feature of their client's is for it."""
    access = operation.access
    if caller.features is not None and caller.features.isdisjoint(access.features):
        raise Forbidden
    notice = guard.decide(caller, NOTICE, access.notice)
    if not access.target:
        return Permitted(notice, notice)
    return Permitted(guard.decide(caller, type, access.target), _unconditional(notice))


def recording(guard: Guard, caller: Caller) -> Allowed:
    """Whose payments, made elsewhere, a caller may record: only what is not bound to patients is trusted with that."""
    if caller.features is not None and caller.features.isdisjoint(("pay", "prepay")):
        raise Forbidden
    notice = _unconditional(guard.decide(caller, NOTICE, "c"))
    trusted = tuple(grant for grant in notice.grants if grant.patients is None)
    if not trusted:
        raise Forbidden
    return Allowed(trusted)


def _unconditional(notice: Allowed) -> Allowed:
    """A condition on what there is not yet cannot be evaluated, which voids its scope."""
    grants = tuple(grant for grant in notice.grants if not grant.conditions)
    if not grants:
        raise Forbidden
    return Allowed(grants)
