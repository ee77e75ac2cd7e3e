"""Claims as a practice keeps them: charges, the transactions on them, and each payer's status (reference 8.1, 8.2)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

Amount = Decimal | int | str
Day = dt.date | str  # a text is sent as it is


@dataclass
class Transaction:
    """Something that happened to a charge.  Payments and transfers out are negative, transfers in positive.

    ``transfer`` is the responsible party: ``1`` primary, ``2`` secondary, ``p`` patient.
    """

    number: str
    amount: Amount
    type: str = "PAYMENT"
    transfer: str = "p"
    date: Day | None = None
    description: str | None = None
    epayment: str | None = None


@dataclass
class Charge:
    """One line of a claim.  ``modifiers`` are appended to ``procedurecodesubmitted``."""

    number: str
    amount: Amount
    code: str = "99213"
    description: str = "OFFICE OUTPATIENT VISIT 15 MINUTES"
    modifiers: tuple[str, ...] = ()
    date: Day | None = None
    transactions: list[Transaction] = field(default_factory=list)


@dataclass
class Payer:
    """One of a claim's payers.  ``insurance`` 0 is no such insurance (inferred in the reference)."""

    insurance: str = "0"
    status: str = "CLOSED"
    note: str | None = None


@dataclass
class Claim:
    """A claim.  ``amount`` is what was billed; ``patient_balance`` what the patient owes (a credit is negative).

    ``clean`` None leaves ``cleanbalance`` out.  ``patient_status`` None is ``COLLECT`` while something is owed, else
    ``CLOSED``.  ``listed`` False keeps the claim out of ``/claims``, ``in_balances`` False out of
    ``claimbalancedetails``: the two need not agree.  ``provider_group`` None is the department's.  Without charges it
    gets one of the whole amount; a charge without a date has the claim's.
    """

    number: str
    patient: str
    amount: Amount
    patient_balance: Amount = 0
    department: str = "1"
    provider_group: str | None = None
    provider: str | None = None
    clean: bool | None = True
    service_date: Day | None = None
    created: Day | None = None
    charges: list[Charge] = field(default_factory=list)
    primary: Payer = field(default_factory=lambda: Payer("1442"))
    secondary: Payer = field(default_factory=Payer)
    patient_status: str | None = None
    appointment: str | None = None
    listed: bool = True
    in_balances: bool = True

    def __post_init__(self) -> None:
        self.charges = self.charges or [Charge(f"7{self.number}", self.amount)]
        for charge in self.charges:
            charge.date = charge.date or self.service_date

    @property
    def owed(self) -> Decimal:
        """What the patient owes, in dollars."""
        return Decimal(self.patient_balance)

    @property
    def patient_payer(self) -> Payer:
        """The patient as the last payer."""
        return Payer(status=self.patient_status or ("COLLECT" if self.owed > 0 else "CLOSED"), note="n/a")
