"""What those who carry payments work with."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from fhir_facade.backends.port import EventLog, SharedStore, unheard
from fhir_facade.backends.posting import Poster
from fhir_facade.events import Event
from fhir_facade.gateways.port import Gateway, Result
from fhir_facade.payments.decision import Decide, wait
from fhir_facade.payments.pace import Pace
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.states import State
from fhir_facade.state.ledger import Ledger, Outdated
from fhir_facade.state.standing import Standing

WORKER = "worker"
"""Who took a step, in a payment's history."""


def as_it_is(_: str, payment: str) -> str | None:
    """The ledger's id, where gateways get it as it is."""
    return payment


class Apply(Protocol):
    """What a gateway's word makes of a payment: ``payments.results.apply``."""

    def __call__(self, ledger: Ledger, payment: Payment, result: Result, by: str, now: dt.datetime) -> Payment: ...


@dataclass(frozen=True)
class Workshop:
    """``posters`` by billing system, ``gateways`` by name, ``terms`` (an authority's ``posting`` table) by authority.

    ``jitter`` gives 0 to 1.  ``decide`` says what becomes of what a gateway holds.  ``opened``: the ledger's id of what
    a gateway (by name) calls a payment, or None.
    """

    ledger: Ledger
    standing: Standing
    store: SharedStore
    posters: Mapping[str, Poster]
    gateways: Mapping[str, Gateway]
    apply: Apply
    now: Callable[[], dt.datetime]
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    decide: Decide = wait
    opened: Callable[[str, str], str | None] = as_it_is
    event: EventLog = unheard
    pace: Pace = field(default_factory=Pace)
    jitter: Callable[[], float] = random.random

    def later(self, payment: Payment, seconds: float) -> None:
        """Look at it again after so long.  Who has changed it meanwhile has said when, too."""
        self.at(payment, self.now() + dt.timedelta(seconds=seconds))

    def at(self, payment: Payment, due: dt.datetime | None) -> None:
        """Look at it again then; None for never."""
        with suppress(Outdated):
            self.ledger.postpone(payment, due)

    def review(self, payment: Payment, reason: str, **changes: Any) -> Payment:
        """Somebody has to look at it."""
        after = self.ledger.move(payment, State.NEEDS_REVIEW, WORKER, reason, due=None, **changes)
        self.event(Event.PAYMENT_NEEDS_REVIEW, billing_system=payment.billing_system, state=payment.state.value)
        return after
