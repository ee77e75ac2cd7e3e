"""What the ledger adds to a billing system's answer: payments on their way there, and what they leave to be paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import msgspec

from fhir_facade.files.pantry import Fetched
from fhir_facade.files.patient_file import FileKey
from fhir_facade.keys import PatientKey
from fhir_facade.payments.amounts import SpokenFor, spoken_for
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.shown import PendingBill, joined
from fhir_facade.records import Bill, Kind, Record, Visit
from fhir_facade.records import Payment as Known
from fhir_facade.settings.model import AssigningAuthority

Authorities = Iterable[AssigningAuthority]
LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)
_OF_MONEY = frozenset({Kind.BILLS, Kind.VISITS, Kind.PAYMENTS})


class Payments(Protocol):
    """The ledger, as far as it is read here."""

    def of_patient(self, patient: PatientKey) -> list[Payment]:
        """All of a patient's payments."""

    def listed(self) -> list[Payment]:
        """Everybody's."""


class Taken(Protocol):
    """What files need to know of payments."""

    def added(self, key: FileKey, fetched: Fetched, authorities: Authorities) -> Sequence[Record]:
        """The records of a file with what the ledger knows."""

    def changed(self, key: FileKey, authorities: Authorities) -> dt.datetime:
        """Since when what billing systems said of these payments before is outdated."""


@dataclass(frozen=True)
class LedgerTaken:
    """From the ledger."""

    ledger: Payments

    def added(self, key: FileKey, fetched: Fetched, authorities: Authorities) -> Sequence[Record]:
        if key.kind not in _OF_MONEY:
            return fetched.records
        payments = self._payments(key.patient, fetched.number, authorities)
        if not payments:
            return fetched.records
        if key.kind is Kind.PAYMENTS:
            known = [record for record in fetched.records if isinstance(record, Known)]
            return joined(payments, known, fetched.number)
        spoken = spoken_for(payments)
        return [_less(record, spoken) for record in fetched.records]

    def changed(self, key: FileKey, authorities: Authorities) -> dt.datetime:
        if key.kind not in (*_OF_MONEY, Kind.ACCOUNTS):
            return LONG_AGO
        return max((each.changed for each in self._payments(key.patient, "", authorities)), default=LONG_AGO)

    def _payments(self, patient: str, number: str, authorities: Authorities) -> list[Payment]:
        """Under the number asked for, and under the number in force; everybody's where no patient is meant."""
        names = [authority.id for authority in authorities]
        if not patient:
            return [each for each in self.ledger.listed() if each.patient.authority in names]
        numbers = sorted({patient, number} - {""})
        return [each for name in names for value in numbers for each in self.ledger.of_patient(PatientKey(name, value))]


@dataclass(frozen=True)
class _Nothing:
    def added(self, key: FileKey, fetched: Fetched, authorities: Authorities) -> Sequence[Record]:
        return fetched.records

    def changed(self, key: FileKey, authorities: Authorities) -> dt.datetime:
        return LONG_AGO


NOTHING_TAKEN: Taken = _Nothing()


def _less(record: Record, spoken: SpokenFor) -> Record:
    """What is still expected, and what is on its way."""
    if isinstance(record, Bill) and record.number in spoken.bills:
        return _with_pending(record, spoken.bills[record.number])
    if isinstance(record, Visit) and record.copay is not None and record.number in spoken.visits:
        left = max(record.copay - spoken.visits[record.number], Decimal(0))
        return msgspec.structs.replace(record, copay=left)
    return record


def _with_pending(bill: Bill, pending: Decimal) -> PendingBill:
    known: Mapping[str, object] = msgspec.structs.asdict(bill)
    still = bill.due is not None and bill.due > pending
    return PendingBill(**{**known, "payment_pending": pending, "collectable": bill.collectable and still})  # type: ignore[arg-type]
