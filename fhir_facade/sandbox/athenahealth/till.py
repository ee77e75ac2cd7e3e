"""What was recorded as paid in a practice: every payment to the cent, the batches they share, vendors' references."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass
class Recorded:
    """A payment that a practice has taken.  ``claims`` by number; ``copay`` is for ``appointment``."""

    number: str
    patient: str
    department: str
    method: str
    posted: dt.date
    batch: str
    claims: Mapping[str, Decimal] = field(default_factory=dict)
    appointment: str | None = None
    copay: Decimal = Decimal(0)
    other: Decimal = Decimal(0)
    last4: str | None = None
    vendor: str | None = None
    reference: str | None = None  # externalrefid
    refunded: bool = False

    @property
    def amount(self) -> Decimal:
        """All of it."""
        return sum(self.claims.values(), self.copay + self.other)

    def plain(self) -> dict[str, Any]:
        """As JSON; amounts are texts with two decimals."""
        return {
            "number": self.number,
            "patient": self.patient,
            "department": self.department,
            "method": self.method,
            "posted": self.posted.isoformat(),
            "batch": self.batch,
            "claims": {number: f"{part:.2f}" for number, part in self.claims.items()},
            "appointment": self.appointment,
            "copay": f"{self.copay:.2f}",
            "other": f"{self.other:.2f}",
            "amount": f"{self.amount:.2f}",
            "last4": self.last4,
            "vendor": self.vendor,
            "reference": self.reference,
            "refunded": self.refunded,
        }


@dataclass
class Till:
    """The payments of one practice in order; ``references`` are vendors' codes with each ``externalrefid`` used.

    Whoever changes a practice by a payment holds ``lock``.
    """

    recorded: list[Recorded] = field(default_factory=list)
    references: set[tuple[str, str]] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _batches: dict[dt.date, str] = field(default_factory=dict)
    _numbers: int = 900000

    def batch(self, posted: dt.date) -> str:
        """The batch of a post date, which all payments of that date share."""
        return self._batches.setdefault(posted, str(len(self._batches) + 5))

    def number(self) -> str:
        """A number that no transaction and no payment has."""
        self._numbers += 1
        return str(self._numbers)
