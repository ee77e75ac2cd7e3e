"""What a worker does in each state: a table.

A worker may be killed between any two instructions.  What it leaves is a state, a time at which the payment is due and
a lease that ends; whoever comes next needs nothing else.  A state that is not in the table is at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from fhir_facade.boundary import guarded, place
from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.payments.carrying import Carrying
from fhir_facade.payments.hold import Still
from fhir_facade.payments.holding import Holding
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.reconciling import Reconciling
from fhir_facade.payments.states import State
from fhir_facade.payments.tending import Tending
from fhir_facade.payments.workshop import Workshop
from fhir_facade.state.ledger import Outdated

Work = Callable[[Payment, Still], object]


class Engine:
    """Takes a payment a step further."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        carrying, reconciling, tending, holding = Carrying(shop), Reconciling(shop), Tending(shop), Holding(shop)
        self.table: Mapping[State, Work] = {
            State.OPEN: tending.open,
            State.DECLINED: tending.ended,
            State.EXPIRED: tending.ended,
            State.AUTHORIZED: holding.authorized,
            State.CAPTURED: carrying.captured,
            State.POSTING: reconciling.posting,
            State.UNKNOWN: reconciling.look,
            State.ACCEPTED: reconciling.look,
        }

    def work(self, payment: Payment, still: Still) -> None:
        """One step.  It does not raise: what fails is told, and the payment's turn comes again, later each time."""
        work = self.table.get(payment.state, self._nothing)
        guarded(lambda: work(payment, still), lambda failure: self._failed(payment, failure))

    def _nothing(self, payment: Payment, _: Still) -> None:
        self._shop.at(payment, None)

    def _failed(self, payment: Payment, failure: Exception) -> None:
        if isinstance(failure, Outdated):  # somebody else has moved it, and said when it is due
            return
        if isinstance(failure, StateUnavailable):
            self._shop.event(Event.STATE_UNAVAILABLE, fault=type(failure).__name__)
            pause = self._shop.pace.turn
        else:
            self._shop.event(Event.WORKER_SURPRISED, fault=type(failure).__name__, where=place(failure))
            pause = self._shop.pace.again_most
        with suppress(StateUnavailable):  # then its lease ends by itself
            latest = self._shop.ledger.get(payment.id)
            if latest is not None and latest.due is not None and latest.due <= self._shop.now():
                self._shop.later(latest, pause)
