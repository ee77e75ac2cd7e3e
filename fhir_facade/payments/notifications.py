"""What gateways tell us: verified by the gateway, looked up in the ledger, and written down before it is answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fhir_facade.backends.port import EventLog
from fhir_facade.events import Event
from fhir_facade.gateways.port import Gateway, Result
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.results import apply
from fhir_facade.state.ledger import Ledger


@dataclass(frozen=True)
class Notifications:
    """``opened``: a ledger id from how a gateway has it."""

    ledger: Ledger
    gateways: Mapping[str, Gateway]
    opened: Callable[[str, str], str | None]
    now: Callable[[], dt.datetime]
    event: EventLog

    def told(self, gateway: str, headers: Mapping[str, str], body: bytes) -> None:
        """Apply each result.  What is no notification, and a ledger that does not take it, raise: it comes again.

        A payment that nobody knows here does not come back by asking again: that it was is for operators and for the
        sweep over captured payments (production-rules.md F7).
        """
        for result in self.gateways[gateway].notified(headers, body):
            payment = self._payment(gateway, result)
            if payment is None:
                self.event(Event.PAYMENT_UNKNOWN, gateway=gateway)
            else:
                apply(self.ledger, payment, result, "gateway", self.now())

    def _payment(self, gateway: str, result: Result) -> Payment | None:
        id = self.opened(gateway, result.payment)
        found = self.ledger.get(id) if id else self.ledger.of_session(gateway, result.reference)
        return found if found is not None and found.gateway == gateway else None
