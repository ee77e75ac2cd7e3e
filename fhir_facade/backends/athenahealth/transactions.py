"""The patient's own payments among a claim's transactions (reference 8.1).

A PAYMENT is the patient's where ``transfertype`` says ``p`` or where it has an ``epaymentid`` (those are card payments
of patients).  A PAYMENT that says neither may be an insurer's, and transfers only move a debt: both are left out.
Payments are negative in the source; here they are positive, and what takes one back is negative.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fhir_facade.backends.athenahealth.claims import ClaimBalance
from fhir_facade.backends.athenahealth.persons import Row
from fhir_facade.backends.athenahealth.scalars import day, money, text


@dataclass(frozen=True)
class PatientPayment:
    """One PAYMENT of the patient on one charge.  ``epayment`` is the receipt's number, or empty; ``row`` as it came."""

    number: str
    epayment: str
    amount: Decimal
    date: dt.date | None
    claim: ClaimBalance
    path: str
    row: Row

    @property
    def key(self) -> str:
        """What makes it unique among the patient's payments: receipts and transactions are numbered apart."""
        return f"e{self.epayment}" if self.epayment else f"t{self.number}"


def patient_payments(claim: ClaimBalance) -> Iterator[PatientPayment]:
    """The patient's payments on a claim, reversals too."""
    for i, j, row in _rows(claim):
        yield PatientPayment(
            number=text(row["id"]),
            epayment=_epayment(row),
            amount=_paid(row),
            date=day(row.get("date")),
            claim=claim,
            path=f"{claim.path}.chargeleveldetail[{i}].transactions[{j}]",
            row=row,
        )


def patient_paid(claim: ClaimBalance) -> Decimal | None:
    """What the patient paid on a claim, as far as the source lists payments; None where it lists none."""
    listed = [_paid(row) for _, _, row in _rows(claim)]
    return sum(listed, Decimal()) if listed else None


def _rows(claim: ClaimBalance) -> Iterator[tuple[int, int, Row]]:
    for i, charge in enumerate(claim.row.get("chargeleveldetail") or ()):
        for j, row in enumerate(charge.get("transactions") or ()):
            if _is_the_patients(row):
                yield i, j, row


def _paid(row: Row) -> Decimal:
    return -(money(row["amount"]) or Decimal())


def _is_the_patients(row: Row) -> bool:
    return row["type"].upper() == "PAYMENT" and (text(row.get("transfertype")).lower() == "p" or bool(_epayment(row)))


def _epayment(row: Row) -> str:
    number = text(row.get("epaymentid"))
    return "" if number == "0" else number
