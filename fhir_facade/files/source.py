"""One enabled billing system as the files room uses it: its backend, its authorities, its share of threads."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from fhir_facade.backends.port import LOCATES, Ability, BillingSystem
from fhir_facade.errors import Throttled
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind, Record
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings

T = TypeVar("T")

# Seconds of life by kind (production-rules.md D).
LIFE: Mapping[Kind, float] = {
    Kind.PERSONS: 60,
    Kind.BILLS: 60,
    Kind.ACCOUNTS: 60,
    Kind.VISITS: 60,
    Kind.PAYMENTS: 300,
    Kind.PLACES: 86_400,
    Kind.PRACTITIONERS: 86_400,
}
REFERENCE_DATA = frozenset({Kind.PLACES, Kind.PRACTITIONERS})


class Source:
    """A billing system in use.  A hung one fills only its own threads; beyond its limit callers are refused at once."""

    def __init__(
        self, settings: BillingSystemSettings, backend: BillingSystem, authorities: Iterable[AssigningAuthority]
    ) -> None:
        self.name, self.settings, self.backend = settings.name, settings, backend
        self.authorities = tuple(authorities)
        limit = settings.calls_in_flight
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix=f"source-{settings.name}")
        self._seats = threading.BoundedSemaphore(limit)

    def life(self, kind: Kind) -> float:
        """Seconds for which a file of this kind is fresh."""
        return self.settings.life.get(kind.value, LIFE[kind])

    def run(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` on one of the source's threads."""
        if not self._seats.acquire(blocking=False):
            raise Throttled(f"{self.name}: calls in flight are at their limit", retry_after=2)
        # The caller's request id goes along, into the log lines of the thread.
        future = self._pool.submit(contextvars.copy_context().run, work)
        future.add_done_callback(lambda _: self._seats.release())
        return future

    def fetch(self, kind: Kind, patient: str) -> Iterable[Record]:
        """Everything of ``kind``: one patient's, or all where no patient is meant."""
        if kind is Kind.PLACES:
            return self.backend.places()
        if kind is Kind.PRACTITIONERS:
            return self.backend.practitioners()
        if not patient:
            return self.backend.scan(kind)
        if kind is Kind.PERSONS:
            person = self.backend.person(SourceKey(self.name, patient))
            return () if person is None else (person,)
        return self._of_patient(kind)(SourceKey(self.name, patient))

    def _of_patient(self, kind: Kind) -> Callable[[SourceKey], Iterable[Record]]:
        methods: Mapping[Kind, Callable[[SourceKey], Iterable[Record]]] = {
            Kind.BILLS: self.backend.bills,
            Kind.ACCOUNTS: self.backend.accounts,
            Kind.VISITS: self.backend.visits,
            Kind.PAYMENTS: self.backend.payments,
        }
        return methods[kind]

    def scans(self) -> bool:
        """True if the billing system can list a kind without a patient."""
        return Ability.SCAN in self.backend.abilities

    def locates(self, kind: Kind) -> bool:
        """True if the billing system can find a record's patient by the record's number."""
        return LOCATES.get(kind) in self.backend.abilities

    def close(self) -> None:
        """Give back threads and connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.backend.close()
