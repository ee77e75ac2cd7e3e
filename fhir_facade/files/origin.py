"""Where the records of files come from, as the files room uses it: its authorities, and its share of threads."""

from __future__ import annotations

import contextvars
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar, TypeVar

from fhir_facade.audit.entry import AnyKind
from fhir_facade.errors import Throttled
from fhir_facade.records import Record
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings

T = TypeVar("T")


class Origin(ABC):
    """A hung one fills only its own threads; beyond its limit callers are refused at once.

    ``shared``: what it answers is worth keeping for other machines.
    """

    kinds: frozenset[AnyKind]
    shared: ClassVar[bool] = True
    one_number_is_one_person = False
    tells = False  # it can be told of payments

    def __init__(self, settings: BillingSystemSettings, authorities: Iterable[AssigningAuthority]) -> None:
        self.name, self.settings, self.authorities = settings.name, settings, tuple(authorities)
        limit = settings.calls_in_flight
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix=f"source-{settings.name}")
        self._seats = threading.BoundedSemaphore(limit)

    @abstractmethod
    def life(self, kind: AnyKind) -> float:
        """Seconds for which a file of this kind is fresh."""

    @abstractmethod
    def fetch(self, kind: AnyKind, patient: str) -> Iterable[Record]:
        """Everything of ``kind``: one patient's, or all where no patient is meant."""

    def in_force(self, patient: str) -> str:
        """The number of whoever has this number or had it before a merge."""
        return patient

    def scans(self) -> bool:
        """True if it can list a kind without a patient."""
        return False

    def locates(self, kind: AnyKind) -> bool:
        """True if it can find a record's patient by the record's number."""
        return False

    def locate(self, kind: AnyKind, number: str) -> str | None:
        """The number of the patient whose record this is."""
        return None

    def run(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` on one of its threads."""
        if not self._seats.acquire(blocking=False):
            raise Throttled(f"{self.name}: calls in flight are at their limit", retry_after=2)
        # The caller's request id goes along, into the log lines of the thread.
        future = self._pool.submit(contextvars.copy_context().run, work)
        future.add_done_callback(lambda _: self._seats.release())
        return future

    def close(self) -> None:
        """Give back the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
