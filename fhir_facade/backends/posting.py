"""The posting port: what a billing system must do for payments to be told to it, exactly once (production-rules.md F).

A billing system that can be told about payments is a ``Poster``, too.  Telling is never tried again blindly: before it,
``snapshot`` says how things stand; after an unknown outcome, ``found`` compares.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from fhir_facade.backends.probe import Probe
from fhir_facade.keys import SourceKey


@dataclass(frozen=True)
class Posting:
    """A payment as a billing system is told of it.  All amounts are positive and sum to ``amount``.

    ``payment`` is the ledger's id.  ``bills``: amounts by the bills' own numbers; ``visit`` and ``visit_amount``: what
    was paid for an appointment; ``other``: for neither.  ``captured`` has an offset.  ``settings`` is the authority's
    ``posting`` table.
    """

    payment: str
    patient: SourceKey
    amount: Decimal
    currency: str
    captured: dt.datetime
    bills: Mapping[str, Decimal] = field(default_factory=dict)
    visit: str = ""
    visit_amount: Decimal = Decimal(0)
    other: Decimal = Decimal(0)
    tender: str = ""
    brand: str = ""
    last4: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


class Verdict(str, Enum):
    """What a look at the billing system says of a payment whose outcome is unknown."""

    POSTED = "posted"
    ACCEPTED = "accepted"  # taken, and not shown yet
    ABSENT = "absent"  # surely not there
    UNDECIDED = "undecided"  # cannot be told: look again later, then let somebody look


@dataclass(frozen=True)
class Told:
    """How telling ended well.  ``external``: the billing system's number for it; ``flags``: what it noticed."""

    verdict: Verdict
    external: str = ""
    flags: tuple[str, ...] = ()


class NotSent(Exception):
    """The billing system was surely not told: no connection, no token, throttled.  Try again."""


class Declined(Exception):
    """The billing system surely refused; the text is ours, for operators."""


class Unsure(Exception):
    """It may have been told: timed out after sending, 5xx, an answer that cannot be read."""


class Poster(ABC):
    """What a billing system does about payments."""

    @abstractmethod
    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        """How things stand right before it is told, uncached: plain JSON.  ``NotSent`` where it cannot be had."""

    @abstractmethod
    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        """Tell it, once.  Raises ``NotSent``, ``Declined`` or ``Unsure``."""

    @abstractmethod
    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        """Is it there?  Compares with the snapshot, uncached.

        Raises ``NotSent`` if it cannot look, and ``Declined`` where the billing system has refused it since.  It tells
        nothing that the billing system does not surely refuse a second time.  What it compares proves this payment only
        if no other one was told for the same ``lock_key`` since the snapshot: whoever calls sees to that.
        """

    def takes(self, posting: Mapping[str, Any], tender: str, brand: str = "") -> bool:
        """Whether an authority's ``posting`` table names a tender (``card``, ``ach``), of this brand (``visa``).

        What it does not take is never offered.  Without a brand: whether it takes any.
        """
        return True

    def lock_key(self, patient: SourceKey) -> str:
        """What payments are told one at a time for, among all processes: the patient, at the billing system."""
        return f"posting/{patient.billing_system}/{patient.value}"

    def fits(self, posting: Mapping[str, Any]) -> Iterable[Probe]:
        """Whether an authority's ``posting`` table fits (valid methods, department): for ``check``."""
        return ()
