"""What billing systems answer with: frozen records in our words.  No FHIR, no HTTP, no vendor.

Amounts are ``Decimal``; a datetime has an offset; a patient is named by the billing system's own number, which
together with the system's name is a ``SourceKey``.  ``None`` means "the source did not say", never zero.
``parts`` says which part of the billing system a record belongs to, in the words that ``select`` uses in the
settings (``{"provider_group": "1"}``); an assigning authority sees a record when every key it selects by agrees.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum

import msgspec


class Kind(str, Enum):
    """The kinds of record; a patient's file holds one kind."""

    PERSONS = "persons"
    BILLS = "bills"
    ACCOUNTS = "accounts"
    VISITS = "visits"
    PAYMENTS = "payments"
    PLACES = "places"
    PRACTITIONERS = "practitioners"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What all records share.  ``number`` is the source's own; ``updated`` is the source's own time of last change."""

    number: str
    parts: dict[str, str] = {}
    updated: dt.datetime | None = None


class Personal(Record, frozen=True, kw_only=True):
    """A record that belongs to a patient, named by the number in force."""

    patient: str


class Gender(str, Enum):
    """https://hl7.org/fhir/R4/valueset-administrative-gender.html"""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A postal address."""

    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


class Person(Record, frozen=True, kw_only=True):
    """A patient at a billing system.  ``number`` is the number in force; ``previous`` are numbers merged into it."""

    family: str = ""
    given: tuple[str, ...] = ()
    birth_date: dt.date | None = None
    gender: Gender | None = None
    active: bool = True
    deceased: dt.datetime | dt.date | bool | None = None
    phone: str = ""
    email: str = ""
    address: Address | None = None
    previous: tuple[str, ...] = ()


class BillState(str, Enum):
    """What a bill asks of the patient."""

    OWED = "owed"  # the patient owes something now
    CREDIT = "credit"  # the patient has paid too much
    SETTLED = "settled"  # nothing due here, which does not say that it was paid
    PENDING = "pending"  # with the insurer, or not known yet
    CANCELLED = "cancelled"  # only where the source says so
    MISTAKE = "mistake"  # entered in error, only where the source says so


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a bill: what was done and what was billed for it (before insurance)."""

    amount: Decimal
    code: str = ""  # CPT unless code_system says otherwise
    code_system: str = "http://www.ama-assn.org/go/cpt"
    modifiers: tuple[str, ...] = ()
    description: str = ""
    date: dt.date | None = None


class AccountLink(msgspec.Struct, frozen=True, kw_only=True):
    """The account that a bill or a payment belongs to, with the account's own ``parts``."""

    number: str
    parts: dict[str, str] = {}


class Bill(Personal, frozen=True, kw_only=True):
    """A claim's patient part.  ``billed`` is what was charged in all; ``due`` is what the patient owes (credit < 0)."""

    state: BillState
    billed: Decimal | None = None
    due: Decimal | None = None
    insurance_paid: Decimal | None = None
    insurance_pending: Decimal | None = None
    adjusted: Decimal | None = None
    patient_paid: Decimal | None = None
    currency: str = ""  # empty: the authority's
    created: dt.date | dt.datetime | None = None
    service_date: dt.date | None = None
    due_date: dt.date | None = None
    collectable: bool = False  # the source says that it may be collected online now
    charges: tuple[Charge, ...] = ()
    account: AccountLink | None = None
    place: str = ""  # number of a Place that ``places()`` lists, or empty
    practitioner: str = ""  # number of a Practitioner that ``practitioners()`` lists, or empty
    description: str = ""


class Account(Personal, frozen=True, kw_only=True):
    """A patient's standing with one financial group.  ``balance`` includes unapplied money; a credit is negative."""

    name: str = ""
    balance: Decimal | None = None
    collections_balance: Decimal | None = None
    payment_plan_balance: Decimal | None = None
    currency: str = ""
    active: bool = True


class VisitState(str, Enum):
    """Where a visit stands."""

    BOOKED = "booked"
    CHECKED_IN = "checked-in"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"


class Visit(Personal, frozen=True, kw_only=True):
    """An appointment.  ``start`` is an instant; a date where the source gives no time.

    ``copay`` is what is still expected of the patient for it (net of what was collected); ``None`` is unknown.
    ``chargeable`` is False where no bill will follow.
    """

    state: VisitState
    start: dt.datetime | dt.date
    minutes: int | None = None
    kind: str = ""  # the patient-friendly name of the appointment type
    kind_code: str = ""
    place: str = ""
    practitioner: str = ""
    copay: Decimal | None = None
    collected: Decimal | None = None
    chargeable: bool = True
    currency: str = ""


class PaymentState(str, Enum):
    """Where money that the billing system knows of stands."""

    POSTED = "posted"
    VOIDED = "voided"
    MISTAKE = "mistake"


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a payment that went to one bill; ``parts`` and ``state`` are that bill's.

    An authority that selects a part of the billing system sees a payment only by the shares that went to its bills.
    """

    bill: str
    amount: Decimal
    parts: dict[str, str] = {}
    state: BillState | None = None  # where the same answer tells it


class Payment(Personal, frozen=True, kw_only=True):
    """Money from the patient.  ``amount`` is positive, for voided payments too.

    ``key`` makes the payment unique among the patient's payments where ``number`` alone does not (numbers of two
    series); it is the number when left out.  ``shares`` are the bills it paid; none means unapplied money.
    """

    state: PaymentState
    amount: Decimal
    taken: dt.datetime | dt.date
    key: str = ""
    shares: tuple[Share, ...] = ()
    account: AccountLink | None = None
    visit: str = ""
    method: str = ""  # as the source names it: "Visa", "Check"
    last4: str = ""
    currency: str = ""


class Place(Record, frozen=True, kw_only=True):
    """A department or site of care."""

    name: str
    phone: str = ""
    address: Address | None = None


class Practitioner(Record, frozen=True, kw_only=True):
    """Somebody who provides care."""

    name: str = ""  # as displayed; built from family and given when empty
    family: str = ""
    given: tuple[str, ...] = ()
    npi: str = ""


OF_KIND: Mapping[Kind, type[Record]] = {
    Kind.PERSONS: Person,
    Kind.BILLS: Bill,
    Kind.ACCOUNTS: Account,
    Kind.VISITS: Visit,
    Kind.PAYMENTS: Payment,
    Kind.PLACES: Place,
    Kind.PRACTITIONERS: Practitioner,
}
