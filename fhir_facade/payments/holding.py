"""Takes what a gateway holds, or less of it, or lets go of it (production-rules.md E4).

The gateway is asked before, so that whoever was killed in the middle of a call finds out what came of it; and what is
to be taken is written down before it is asked for: of two who decide at once, one begins anew.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from fhir_facade.boundary import guarded, place
from fhir_facade.errors import FacadeError
from fhir_facade.events import Event
from fhir_facade.gateways.port import Outcome, Result
from fhir_facade.payments.asking import Asking
from fhir_facade.payments.decision import Decision, Verb
from fhir_facade.payments.hold import Still
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.workshop import WORKER, Workshop


class Holding:
    """What a worker does with an amount that a gateway holds."""

    def __init__(self, shop: Workshop) -> None:
        self._shop, self._asking = shop, Asking(shop)
        self._doing = {Verb.CAPTURE: self._capture, Verb.RELEASE: self._release, Verb.WAIT: self._wait}

    def authorized(self, payment: Payment, still: Still) -> None:
        """Ask how it stands, decide, and do it."""
        result = self._asking.answer(payment, lambda gateway: gateway.ask(payment.reference))
        if result is None:
            self._shop.later(payment, self._shop.pace.ask_most)
        elif result.outcome is not Outcome.AUTHORIZED:
            self._heard(payment, result)
        else:
            decision = self._decided(payment)
            self._doing[decision.verb](payment, decision, still)

    def _decided(self, payment: Payment) -> Decision:
        """What the site wants.  A hold that is about to end is let go of, also where nobody can be asked."""
        decision = guarded(lambda: self._shop.decide(payment), self._undecided)
        if decision.verb is Verb.CAPTURE and decision.amount <= 0:
            return Decision(Verb.RELEASE, reason="nothing-due")
        if decision.verb is Verb.WAIT and self._shop.now() >= self._hold_ends(payment):
            return Decision(Verb.RELEASE, reason="hold-ends")
        return decision

    def _undecided(self, failure: Exception) -> Decision:
        if not isinstance(failure, FacadeError):
            self._shop.event(Event.WORKER_SURPRISED, fault=type(failure).__name__, where=place(failure))
        return Decision(Verb.WAIT)

    def _hold_ends(self, payment: Payment) -> dt.datetime:
        """A day before the gateway lets go by itself; a gateway that does not say so holds for ever."""
        days = self._shop.gateways[payment.gateway].hold_days
        seconds = days * 86_400 - self._shop.pace.hold_margin if days else 10_000 * 86_400
        return payment.created + dt.timedelta(seconds=seconds)

    def _wait(self, payment: Payment, decision: Decision, _: Still) -> None:
        again = decision.again or self._shop.now() + dt.timedelta(seconds=self._shop.pace.holding)
        self._shop.at(payment, min(again, max(self._shop.now(), self._hold_ends(payment))))

    def _capture(self, payment: Payment, decision: Decision, still: Still) -> None:
        """Take what is due, and never more than what was agreed to."""
        amount = min(decision.amount, payment.amount if payment.held is None else payment.held, payment.amount)
        if amount != payment.amount:
            payment = self._shop.ledger.note(payment, WORKER, "less-is-due", amount=_like(amount, payment.amount))
        if still():
            result = self._asking.answer(payment, lambda gateway: gateway.capture(payment.reference, amount))
            self._done(payment, result)

    def _release(self, payment: Payment, decision: Decision, still: Still) -> None:
        noted = self._shop.ledger.note(payment, WORKER, decision.reason or "released")
        if still():
            self._done(noted, self._asking.answer(noted, lambda gateway: gateway.release(noted.reference)))

    def _done(self, payment: Payment, result: Result | None) -> None:
        if result is None:  # it may have been done: the next question tells
            self._shop.later(payment, self._shop.pace.ask_first)
        else:
            self._heard(payment, result)

    def _heard(self, payment: Payment, result: Result) -> None:
        self._asking.heard(payment, result)


def _like(amount: Decimal, other: Decimal) -> Decimal:
    """The amount with the digits that the other one has: 7.5 beside 20.00 is 7.50."""
    return amount.quantize(other) if amount == amount.quantize(other) else amount
