"""The parts of Stripe's objects that are read, as its API writes them.  https://docs.stripe.com/api"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class BalanceTransaction(msgspec.Struct, frozen=True):
    """Money that reached the account; ``created`` (Unix seconds) is the time of capture."""

    created: int
    reporting_category: str = ""
    source: Source | str | None = None


class Source(msgspec.Struct, frozen=True):
    """What a balance transaction is about."""

    object: str = ""
    payment_intent: str | None = None
    metadata: Mapping[str, str] | None = None


class Refund(msgspec.Struct, frozen=True):
    """Money given back."""

    created: int


class Refunds(msgspec.Struct, frozen=True):
    """A charge's refunds, the newest first."""

    data: tuple[Refund, ...] = ()


class Card(msgspec.Struct, frozen=True):
    """Brand and the last four digits; there is never more."""

    brand: str | None = None
    last4: str | None = None


class MethodDetails(msgspec.Struct, frozen=True):
    """How a charge was paid: ``card``, ``us_bank_account``, …"""

    type: str = ""
    card: Card | None = None
    us_bank_account: Card | None = None  # its last four, of the account


class Charge(msgspec.Struct, frozen=True):
    """One try to take money."""

    created: int
    amount_refunded: int = 0
    disputed: bool = False
    payment_method_details: MethodDetails | None = None
    balance_transaction: BalanceTransaction | str | None = None
    refunds: Refunds | None = None


class Intent(msgspec.Struct, frozen=True):
    """A PaymentIntent with its latest charge.  https://docs.stripe.com/payments/paymentintents/lifecycle"""

    id: str
    status: str
    currency: str
    created: int
    amount_received: int = 0
    amount_capturable: int = 0
    canceled_at: int | None = None
    latest_charge: Charge | str | None = None


class Checkout(msgspec.Struct, frozen=True):
    """A Checkout Session with its intent."""

    id: str
    status: str | None = None
    url: str | None = None
    client_reference_id: str | None = None
    metadata: Mapping[str, str] | None = None
    payment_intent: Intent | str | None = None


class Dispute(msgspec.Struct, frozen=True):
    """A cardholder's bank wants money back, or an account's bank did not pay."""

    created: int
    status: str
    reason: str = ""
    amount: int = 0


class About(msgspec.Struct, frozen=True):
    """The object that an event is about."""

    id: str = ""
    object: str = ""
    payment_intent: str | None = None


class Data(msgspec.Struct, frozen=True):
    """Of an event."""

    object: About


class Event(msgspec.Struct, frozen=True):
    """A webhook's body: what happened is asked for, since events come late and in any order."""

    id: str
    type: str
    data: Data


EVENT = msgspec.json.Decoder(Event)
