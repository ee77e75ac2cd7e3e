"""Tells what waits for somebody: payments that are not posted for too long, and money that went back after posting."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from fhir_facade.events import Event
from fhir_facade.payments.settling import TO_REVERSE
from fhir_facade.payments.states import LATER
from fhir_facade.payments.workshop import WORKER, Workshop
from fhir_facade.state.ledger import Outdated

RESOLVED = "resolved"
"""The flag of a payment about which an operator has done what was to be done."""

_HOUR = 3_600


class Watching:
    """A chore: every minute."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    def stuck(self) -> None:
        """A payment that was captured a quarter of an hour ago and is not posted is told: once an hour."""
        shop, now = self._shop, self._shop.now()
        hour = int(now.timestamp() // _HOUR)
        for payment in shop.standing.unposted(now - dt.timedelta(seconds=shop.pace.stuck)):
            if shop.store.add(f"stuck/{payment.id}/{hour}", 1, _HOUR) == 1:
                seconds = int((now - (payment.captured or now)).total_seconds())
                shop.event(
                    Event.PAYMENT_STUCK,
                    billing_system=payment.billing_system,
                    state=payment.state.value,
                    seconds=seconds,
                )

    def given_back(self) -> None:
        """Money that the gateway gave back, of a payment that the billing system has or may have: told once."""
        for payment in self._shop.ledger.listed(LATER):
            if payment.tried is not None and not {TO_REVERSE, RESOLVED} & set(payment.flags):
                with suppress(Outdated):
                    flags = (*payment.flags, TO_REVERSE)
                    self._shop.ledger.note(payment, WORKER, TO_REVERSE, flags=flags)
                    self._shop.event(
                        Event.PAYMENT_TO_REVERSE, billing_system=payment.billing_system, state=payment.state.value
                    )
