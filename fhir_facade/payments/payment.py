"""A payment as the ledger has it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum

import msgspec

from fhir_facade.keys import PatientKey
from fhir_facade.payments.states import State


class Mode(str, Enum):
    """``authorize`` holds the amount and takes it on the day of the visit."""

    PAY = "pay"
    AUTHORIZE = "authorize"


class Target(msgspec.Struct, frozen=True):
    """What is paid: a resource by its type and the source's own number."""

    type: str  # Invoice, Account or Appointment
    number: str


class BillShare(msgspec.Struct, frozen=True):
    """The part of a payment that is for one bill (an athenahealth claim)."""

    bill: str
    amount: Decimal


class Tender(msgspec.Struct, frozen=True):
    """How the gateway was paid.  ``brand`` and ``last4`` as it says; a card's number is nowhere."""

    kind: str = ""  # card, ach, ...
    brand: str = ""
    last4: str = ""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One row.  ``id`` is random and shows nothing; all instants have an offset; amounts are positive.

    ``shares``: bills that it pays; ``visit`` the appointment that it pre-pays, or empty; ``other`` what belongs to
    neither (``otheramount``).  They sum to ``amount``.  ``description`` is what the patient was told.
    ``due`` is when a worker is to look at it next, None for never.  ``attempts`` counts calls to the billing system.
    ``external`` is the billing system's own number for it, once it has one.  ``reason`` says why it needs review.
    ``flags``: overpaid, unassigned, ...  ``version`` grows with every change.
    """

    id: str
    state: State
    patient: PatientKey
    billing_system: str
    target: Target
    amount: Decimal
    currency: str
    mode: Mode = Mode.PAY
    shares: tuple[BillShare, ...] = ()
    visit: str = ""
    other: Decimal = Decimal(0)
    description: str = ""
    caller: str = ""  # ``Caller.name`` of whoever asked for it
    client: str = ""
    key: str = ""  # idempotency key, scoped to client and target
    gateway: str = ""
    reference: str = ""  # the gateway's own, of the session
    url: str = ""
    return_url: str = ""
    created: dt.datetime
    expires: dt.datetime | None = None
    captured: dt.datetime | None = None
    held: Decimal | None = None  # what the gateway holds, in mode authorize
    taken: Decimal | None = None  # what it took, as it says
    given_back: Decimal = Decimal(0)  # of that: refunded, disputed or returned, as it last said
    tender: Tender = Tender()
    posted: dt.datetime | None = None
    external: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()  # system and value, as whoever recorded it gave them
    snapshot: str = ""  # JSON: what the billing system said right before it was told
    attempts: int = 0
    reason: str = ""
    flags: tuple[str, ...] = ()
    due: dt.datetime | None = None
    version: int = 0
    changed: dt.datetime


class Step(msgspec.Struct, frozen=True):
    """A line of a payment's history.  ``by``: ``caller``, ``gateway``, ``worker``, or an operator's login name."""

    payment: str
    at: dt.datetime
    before: str
    after: str
    by: str
    reason: str = ""
