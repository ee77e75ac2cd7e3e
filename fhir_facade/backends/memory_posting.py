"""Tells the memory backend of payments, as well or as badly as a test or a trial wants it told."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from fhir_facade.backends.memory_booking import booked
from fhir_facade.backends.parts import digits, parts
from fhir_facade.backends.posting import Declined, NotSent, Poster, Posting, Told, Unsure, Verdict
from fhir_facade.records import Bill, Personal, Record, Visit

P = TypeVar("P", bound=Personal)
POSTING: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "methods": {
            "type": "object",
            "additionalProperties": {"type": "string", "minLength": 1},
            "description": "What payments show for each tender or brand; left out, what the gateway calls it.",
        },
    },
    "additionalProperties": False,
}


class Mishap(Enum):
    """What can go wrong at one telling."""

    BEFORE = "not sent"
    AFTER = "recorded, and the answer was lost"
    VANISH = "not recorded, and the answer was lost"
    REFUSE = "refused"
    NONE = "nothing"


@dataclass(frozen=True)
class Shelf:
    """The backend's records, and how they are replaced."""

    name: str
    records: Callable[[], Iterable[Record]]
    put: Callable[[Iterable[Record]], None]


class MemoryPoster(Poster):
    """``mishaps`` happen one at each telling, in their order.  ``late``: what is told shows when ``reveal`` is called.

    ``silent``: nobody answers.  ``told`` are the payments that were recorded, by the ledger's id.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.mishaps: deque[Mishap] = deque()
        self.late = self.silent = False
        self.told: dict[str, Posting] = {}
        self._hidden: dict[str, Posting] = {}
        self._shelf, self._lock = shelf, threading.RLock()

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        """Amounts due of what is paid, for operators; whether it was told is known by the ledger's id alone."""
        self._answer()
        bills = {bill.number: bill for bill in self._of(posting, Bill)}
        visits = {visit.number: visit for visit in self._of(posting, Visit)}
        due = {number: _said(bills[number].due) for number in posting.bills if number in bills}
        copay = {posting.visit: _said(visits[posting.visit].copay)} if posting.visit in visits else {}
        return {"due": due, "copay": copay}

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        with self._lock:
            self._answer()
            mishap = self.mishaps.popleft() if self.mishaps else Mishap.NONE
            if mishap is Mishap.BEFORE:
                raise NotSent("a mishap before it was sent")
            if mishap is Mishap.REFUSE:
                raise Declined("a mishap: refused")
            if mishap is not Mishap.VANISH:
                self._record(posting)
            if mishap in (Mishap.AFTER, Mishap.VANISH):
                raise Unsure("a mishap: the answer was lost")
            return self.found(posting, snapshot)

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        with self._lock:
            self._answer()
            known = self.told.get(posting.payment)
            if known is None:
                return Told(Verdict.ABSENT)
            if (known.patient, parts(known)) != (posting.patient, parts(posting)):
                return Told(Verdict.UNDECIDED)
            hidden = posting.payment in self._hidden
            return Told(Verdict.ACCEPTED if hidden else Verdict.POSTED, self._number(posting.payment))

    def reveal(self) -> None:
        """Show what was told while ``late``."""
        with self._lock:
            for payment in list(self._hidden):
                self._show(self._hidden.pop(payment))

    def _answer(self) -> None:
        if self.silent:
            raise NotSent("the billing system does not answer")

    def _record(self, posting: Posting) -> None:
        """Once for each payment; what nobody has is refused."""
        if posting.payment in self.told:
            if parts(self.told[posting.payment]) != parts(posting):
                raise Unsure("it was told otherwise before")
            return
        self._refuse_strangers(posting)
        self.told[posting.payment] = posting
        if self.late:
            self._hidden[posting.payment] = posting
        else:
            self._show(posting)

    def _refuse_strangers(self, posting: Posting) -> None:
        own = {("bill", bill.number) for bill in self._of(posting, Bill)}
        own |= {("visit", visit.number) for visit in self._of(posting, Visit)}
        for part in parts(posting):
            if (part.bill and ("bill", part.bill) not in own) or (part.visit and ("visit", part.visit) not in own):
                raise Declined("the patient has no such bill or visit")

    def _show(self, posting: Posting) -> None:
        self._shelf.put(booked(posting, self._number(posting.payment), tuple(self._shelf.records())))

    def _number(self, payment: str) -> str:
        return f"m{list(self.told).index(payment) + 1}"

    def _of(self, posting: Posting, type_: type[P]) -> list[P]:
        if posting.patient.billing_system != self._shelf.name:
            return []
        whose = posting.patient.value
        return [record for record in self._shelf.records() if isinstance(record, type_) and record.patient == whose]


def _said(amount: Decimal | None) -> str | None:
    return None if amount is None else digits(amount)
