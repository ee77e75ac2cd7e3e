"""What is to become of an amount that a gateway holds (production-rules.md E4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from fhir_facade.payments.payment import Payment


class Verb(str, Enum):
    """What to do with what is held."""

    WAIT = "wait"
    CAPTURE = "capture"
    RELEASE = "release"


@dataclass(frozen=True)
class Decision:
    """``amount``: what is due by now, for ``CAPTURE``; never more than was held is taken.  ``again``: for ``WAIT``."""

    verb: Verb
    amount: Decimal = Decimal(0)
    reason: str = ""
    again: dt.datetime | None = None


Decide = Callable[[Payment], Decision]
"""Asks the billing system how the visit stands, uncached.  A ``FacadeError`` where it cannot be asked."""


def wait(_: Payment) -> Decision:
    """Nobody captures by itself: what is held is let go of when the hold ends."""
    return Decision(Verb.WAIT)
