"""Who looked at a patient's records: files that come from the audit trail, as others come from billing systems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing

from fhir_facade.audit.entry import Access, AnyKind, OwnKind, decode
from fhir_facade.files.origin import Origin
from fhir_facade.keys import PatientKey
from fhir_facade.mappers.audit_event import instant
from fhir_facade.records import Record
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings
from fhir_facade.state.trail import Trail

MOST = 2_000
"""How many of a patient's accesses, the newest, clients see; the others an operator exports.

To render a thousand takes 0.25 s of a worker and 7 MB of its memory, and whoever reads records makes more of them.
"""

_AT_ONCE = 8


def home(kind: AnyKind, authority: AssigningAuthority) -> str:
    """The name of where an authority's records of a kind come from: no billing system's has a slash in it."""
    return f"audit/{authority.id}" if kind is OwnKind.ACCESSES else authority.billing_system


class AccessLog(Origin):
    """One authority's part of the trail.  ``carry`` brings into it what was written down just now."""

    kinds = frozenset({OwnKind.ACCESSES})
    shared = False

    def __init__(self, authority: AssigningAuthority, trail: Trail, carry: Callable[[], None]) -> None:
        name = home(OwnKind.ACCESSES, authority)
        super().__init__(BillingSystemSettings(name, "audit", calls_in_flight=_AT_ONCE), [authority])
        self._authority, self._trail, self._carry = authority.id, trail, carry

    def life(self, kind: AnyKind) -> float:
        """Each look makes one more, so a list is not of use for long."""
        return 5.0

    def fetch(self, kind: AnyKind, patient: str) -> Iterable[Record]:
        self._carry()
        for seq, raw in self._trail.of_patient(PatientKey(self._authority, patient), MOST):
            entry = decode(raw)
            yield Access(number=str(seq), patient=patient, updated=instant(entry), entry=entry)


def access_logs(
    authorities: Iterable[AssigningAuthority], trail: Trail, carry: Callable[[], None], opened: ExitStack
) -> dict[str, Origin]:
    """The log of each, by its name."""
    logs = [opened.enter_context(closing(AccessLog(authority, trail, carry))) for authority in authorities]
    return {log.name: log for log in logs}
