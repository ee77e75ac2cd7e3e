"""How a patient stands with a practice right before a payment is told, and what has come since (production rule F2).

A snapshot is this, as plain JSON.  What proves a payment is compared with it, and nothing else (F3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from fhir_facade.backends.athenahealth.claims import ClaimBalance, claim_balances
from fhir_facade.backends.athenahealth.persons import Chart, Row
from fhir_facade.backends.athenahealth.scalars import money, text
from fhir_facade.backends.athenahealth.transactions import patient_payments
from fhir_facade.backends.athenahealth.ways import Way


class Claim(msgspec.Struct, frozen=True):
    """What the patient owes on a claim (None: not stated), and the numbers of all transactions on it."""

    balance: Decimal | None
    transactions: tuple[str, ...]


class Copay(msgspec.Struct, frozen=True):
    """An appointment's amounts; None where they are not stated."""

    owed: Decimal | None
    for_visit: Decimal | None
    for_other: Decimal | None


class Standing(msgspec.Struct, frozen=True):
    """``patient`` is the number in force, empty where there is nobody; ``claims`` are those that are paid.

    ``copay`` is None where no appointment is paid, or athenahealth does not tell of it; ``balances`` are by provider
    group.
    """

    way: Way
    patient: str = ""
    claims: Mapping[str, Claim] = {}
    copay: Copay | None = None
    balances: Mapping[str, Decimal | None] = {}

    def plain(self) -> Mapping[str, Any]:
        """As JSON values; amounts are texts."""
        plain: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


def standing(snapshot: Mapping[str, Any]) -> Standing:
    """The standing of a snapshot."""
    return msgspec.convert(snapshot, Standing)


@dataclass(frozen=True)
class Look:
    """What athenahealth says now.  ``chart`` None: nobody; ``visit`` None: untold."""

    chart: Chart | None
    visit: Row | None = None

    def standing(self, way: Way, bills: Mapping[str, Decimal]) -> Standing:
        """The standing as far as a payment of these bills needs it."""
        if self.chart is None:
            return Standing(way)
        found = {claim.number: claim for claim in reversed(list(claim_balances(self.chart))) if claim.number in bills}
        return Standing(
            way=way,
            patient=self.chart.number,
            claims={number: _claim(each) for number, each in found.items()},
            copay=self.copay(),
            balances={
                text(row["providergroupid"]): money(row.get("balance")) for row in self.chart.row.get("balances") or ()
            },
        )

    def copay(self) -> Copay | None:
        """The appointment's amounts, in either of the forms of ``appointmentcopay``."""
        if self.visit is None:
            return None
        detail = self.visit.get("appointmentcopay")
        said = detail if isinstance(detail, Mapping) else {}
        return Copay(
            owed=money(self.visit.get("copay")),
            for_visit=money(said.get("collectedforappointment")),
            for_other=money(said.get("collectedforother")),
        )

    def arrived(self, number: str, before: Claim) -> Decimal:
        """What was recorded as paid by the patient on a claim since: by card through athenahealth is not ours."""
        if self.chart is None:
            return Decimal()
        new = (
            payment.amount
            for claim in claim_balances(self.chart)
            if claim.number == number
            for payment in patient_payments(claim)
            if payment.number not in before.transactions and not payment.epayment
        )
        return sum(new, Decimal())


def _claim(claim: ClaimBalance) -> Claim:
    return Claim(money(claim.row.get("patientbalance")), tuple(_transactions(claim)))


def _transactions(claim: ClaimBalance) -> Iterator[str]:
    for charge in claim.row.get("chargeleveldetail") or ():
        for row in charge.get("transactions") or ():
            yield text(row["id"])
