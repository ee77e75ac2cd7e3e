"""Tends sessions: asks the gateway that has said nothing, and ends what nobody pays.

A gateway is asked before anything is done, so that whoever was killed in the middle of a call finds out what came of
it.
"""

from __future__ import annotations

import datetime as dt

from fhir_facade.gateways.port import Outcome
from fhir_facade.payments.asking import Asking, end_of
from fhir_facade.payments.hold import Still
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.states import State
from fhir_facade.payments.workshop import WORKER, Workshop

_UNPAID = frozenset({Outcome.OPEN, Outcome.DECLINED, Outcome.EXPIRED, Outcome.RELEASED})
_SILENT_DAYS = 7  # as many times of ``Pace.silent`` a gateway is asked for the end of a session that it does not tell


class Tending:
    """What a worker does with sessions in which nothing was paid yet."""

    def __init__(self, shop: Workshop) -> None:
        self._shop, self._asking = shop, Asking(shop)

    def open(self, payment: Payment, still: Still) -> None:
        """The patient is at the gateway, or never came back."""
        over = self._shop.now() >= end_of(payment)
        if not payment.reference:  # whoever began it was killed before the gateway's answer: nobody has its URL
            self._unbegun(payment, over)
            return
        result = self._asking.answer(payment, lambda gateway: gateway.ask(payment.reference))
        if result is None:
            self._unanswered(payment)
        elif result.outcome is not Outcome.OPEN:
            self._asking.heard(payment, result)
        elif over and still():
            self._end(payment)
        else:
            self._asking.later(payment)

    def ended(self, payment: Payment, _: Still) -> None:
        """Declined or expired: money that was taken all the same counts, so the gateway is asked again, twice."""
        shop = self._shop
        result = self._asking.answer(payment, lambda gateway: gateway.ask(payment.reference))
        given_up = end_of(payment) + dt.timedelta(seconds=_SILENT_DAYS * shop.pace.silent)
        if result is None:
            shop.at(payment, None if shop.now() >= given_up else shop.now() + shop.pace.again(16, shop.jitter()))
            return
        after = payment if result.outcome in _UNPAID else self._asking.heard(payment, result)
        if after.state is payment.state:
            shop.at(after, shop.pace.next_late_question(end_of(after), shop.now()))

    def _unanswered(self, payment: Payment) -> None:
        """What is locked for it is not locked for ever; but that nobody paid is not known, and is asked on."""
        shop, now = self._shop, self._shop.now()
        if now >= end_of(payment) + dt.timedelta(seconds=shop.pace.silent):
            shop.ledger.move(payment, State.EXPIRED, WORKER, "gateway-silent", due=now + shop.pace.again(16, 1.0))
        else:
            shop.later(payment, shop.pace.ask_most)

    def _unbegun(self, payment: Payment, over: bool) -> None:
        if over:
            self._shop.ledger.move(payment, State.EXPIRED, WORKER, "never-begun", due=None)
        else:
            self._shop.at(payment, end_of(payment))

    def _end(self, payment: Payment) -> None:
        """Nobody paid in time.  The gateway is told, and its answer may be that somebody just did."""
        shop = self._shop
        result = self._asking.answer(payment, lambda gateway: gateway.release(payment.reference))
        if result is not None and result.outcome not in _UNPAID:
            self._asking.heard(payment, result)
            return
        late = shop.pace.next_late_question(end_of(payment), shop.now())
        shop.ledger.move(payment, State.EXPIRED, WORKER, "unpaid", due=late)
