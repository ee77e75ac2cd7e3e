"""How a session stands, as the redirect protocol writes it in JSON: ``docs/gateways.md``, "A standing"."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated

import msgspec

from fhir_facade.gateways.port import Outcome, Result

_AMOUNT = r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?\Z"
_WORD = r"\A[A-Za-z0-9 /_.-]{0,40}\Z"
_DIGITS_OF_A_CARD = re.compile(r"[0-9]{7}")
MONEY = frozenset({Outcome.AUTHORIZED, Outcome.CAPTURED, Outcome.REFUNDED, Outcome.DISPUTED, Outcome.RETURNED})
"""The outcomes that are about an amount."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One session.  ``amount`` is decimal text, ``at`` has an offset; members that are not known are ignored."""

    session: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    outcome: Outcome
    amount: Annotated[str, msgspec.Meta(pattern=_AMOUNT)] | None = None
    currency: Annotated[str, msgspec.Meta(pattern=r"\A([A-Z]{3})?\Z")] = ""
    at: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None
    tender: Annotated[str, msgspec.Meta(pattern=_WORD)] = ""
    brand: Annotated[str, msgspec.Meta(pattern=_WORD)] = ""
    last4: Annotated[str, msgspec.Meta(pattern=r"\A([0-9]{4})?\Z")] = ""
    event: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def __post_init__(self) -> None:
        if self.outcome in MONEY and not (self.amount and self.currency and self.at):
            raise ValueError("an outcome that is about money needs amount, currency and at")
        if _DIGITS_OF_A_CARD.search(self.tender + self.brand):
            raise ValueError("tender and brand are words")

    def result(self) -> Result:
        """The same for the facade.  The session's reference is the payment that it was begun for."""
        return Result(
            payment=self.session,
            reference=self.session,
            outcome=self.outcome,
            amount=None if self.amount is None else Decimal(self.amount),
            currency=self.currency,
            at=self.at,
            tender=self.tender,
            brand=self.brand,
            last4=self.last4,
            event=self.event,
        )


class Page(msgspec.Struct, frozen=True):
    """What was captured: sessions in the order of capture, and where the next page begins, empty at the end."""

    sessions: tuple[Standing, ...]
    next: str = ""


class Fault(msgspec.Struct, frozen=True):
    """Why a gateway cannot answer, in one word."""

    error: str


def standing(body: bytes) -> Standing:
    """Raises ``ValueError`` (msgspec's, with the JSON path) for anything else."""
    return msgspec.json.decode(body, type=Standing)


def page(body: bytes) -> Page:
    """Raises ``ValueError`` for anything else."""
    return msgspec.json.decode(body, type=Page)


def fault(body: bytes) -> str:
    """The word of an answer that is a fault; empty where it is none."""
    try:
        return msgspec.json.decode(body, type=Fault).error
    except ValueError:
        return ""


def written(result: Result) -> bytes:
    """A result as the protocol's JSON: what a gateway sends."""
    amount = None if result.amount is None else f"{result.amount:f}"
    return msgspec.json.encode(
        Standing(
            session=result.reference,
            outcome=result.outcome,
            amount=amount,
            currency=result.currency,
            at=result.at,
            tender=result.tender,
            brand=result.brand,
            last4=result.last4,
            event=result.event,
        )
    )
