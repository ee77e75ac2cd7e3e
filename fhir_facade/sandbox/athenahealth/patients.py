"""Patients as a practice keeps them, with their balance at each provider group (reference 8.1)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fhir_facade.sandbox.athenahealth.bills import Amount, Claim
from fhir_facade.sandbox.athenahealth.receipts import Receipt
from fhir_facade.sandbox.athenahealth.visits import Visit


@dataclass
class Balance:
    """A patient's standing with a provider group, in dollars; a credit is negative and may be unapplied money.

    ``clean`` None leaves ``cleanbalance`` out; the reference infers that *true* means "not tied up in a plan".
    """

    amount: Amount
    clean: bool | None = True
    collections: Amount | None = None
    payment_plan: Amount | None = None


@dataclass
class Patient:
    """A patient.  ``balances`` by provider group; a group that is left out has the sum of its claims' balances.
    ``unapplied``: what was recorded in a group for no claim; it lowers the balance that is shown.

    ``local``: in a Provider Group Enterprise practice, the patient's own number in each provider group.
    ``confidentiality`` ``R`` or ``V`` and ``blocked`` are records with restrictions.  ``extra`` is sent as it is.
    """

    number: str
    first: str = "Ann"
    last: str = "Example"
    dob: dt.date | str | None = dt.date(1980, 5, 20)
    sex: str | None = "F"
    status: str = "active"
    department: str = "1"
    provider: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    deceased: dt.date | str | None = None
    confidentiality: str = "N"
    blocked: bool = False
    balances: dict[str, Balance] = field(default_factory=dict)
    unapplied: dict[str, Decimal] = field(default_factory=dict)
    previous: list[str] = field(default_factory=list)
    local: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    def hidden(self, confidentiality: str | None) -> bool:
        """Whether a call without ``ignorerestrictions`` and with this ``confidentialitycode`` must not find them."""
        return self.blocked or (confidentiality is not None and self.confidentiality != confidentiality)
