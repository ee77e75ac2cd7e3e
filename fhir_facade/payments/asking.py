"""Asks gateways how sessions stand, and lets the ledger have what they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from fhir_facade.boundary import attempted, place
from fhir_facade.errors import FacadeError
from fhir_facade.events import Event
from fhir_facade.gateways.port import Gateway, Result
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.states import SESSION, State
from fhir_facade.payments.workshop import Workshop


class Asking:
    """What every tender of sessions does."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    def answer(self, payment: Payment, question: Callable[[Gateway], Result]) -> Result | None:
        """What the gateway answers; None where it does not, which is told.  It may have done what was asked of it."""
        gateway = self._shop.gateways.get(payment.gateway)
        if gateway is None:
            self._silent(payment, "NoGateway")
            return None
        answered = attempted(lambda: question(gateway))
        if isinstance(answered, Result):
            return answered
        if not isinstance(answered, (FacadeError, NotImplementedError)):
            self._shop.event(Event.WORKER_SURPRISED, fault=type(answered).__name__, where=place(answered))
        self._silent(payment, type(answered).__name__)
        return None

    def heard(self, payment: Payment, result: Result) -> Payment:
        """The payment once the ledger has it; one whose session goes on is asked about later."""
        shop = self._shop
        after = shop.apply(shop.ledger, payment, result, "gateway", shop.now())
        if after.state is State.NEEDS_REVIEW and payment.state is not State.NEEDS_REVIEW:
            shop.event(Event.PAYMENT_NEEDS_REVIEW, billing_system=payment.billing_system, state=payment.state.value)
        if after.state in SESSION and after.due is not None and after.due <= shop.now():
            self.later(after)
        return after

    def later(self, payment: Payment) -> None:
        """Ask again: often in the beginning, and at its end."""
        shop, now = self._shop, self._shop.now()
        age = (now - payment.created).total_seconds()
        due = now + dt.timedelta(seconds=min(shop.pace.ask_most, max(shop.pace.ask_first, age / 2)))
        end = end_of(payment)
        shop.at(payment, min(due, end) if end > now else due)

    def _silent(self, payment: Payment, fault: str) -> None:
        self._shop.event(Event.GATEWAY_SILENT, gateway=payment.gateway, fault=fault)


def end_of(payment: Payment) -> dt.datetime:
    """When its session ends."""
    return payment.expires or payment.created + dt.timedelta(days=1)
