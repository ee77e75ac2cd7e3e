"""Finds money that a gateway has taken and the ledger does not know of (production-rules.md F7).

A lost notification is found so, too.  The ledger's id of a capture that it does not know is made of the gateway's
reference: swept twice, by two workers, or by one that is killed, it is one payment.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

from fhir_facade.boundary import attempted, place
from fhir_facade.errors import FacadeError
from fhir_facade.events import Event
from fhir_facade.gateways.port import Capability, Result
from fhir_facade.keys import PatientKey
from fhir_facade.payments.asking import Asking
from fhir_facade.payments.payment import Payment, Target, Tender
from fhir_facade.payments.states import State
from fhir_facade.payments.workshop import Workshop
from fhir_facade.state.ledger import Outdated

UNKNOWN_CAPTURE = "unknown-capture"
SWEEP = "sweep"
"""Who began such a payment, in its history."""

_KEPT_SECONDS = 30 * 86_400.0
_COUNTED_SECONDS = 7_200.0
_NOBODY = PatientKey("", "")


class Sweeping:
    """A chore: every hour, by whichever worker comes first."""

    def __init__(self, shop: Workshop) -> None:
        self._shop, self._asking = shop, Asking(shop)

    def chore(self) -> None:
        """Sweep what nobody has swept in this hour, from where the last sweep began."""
        now = self._shop.now()
        hour = int(now.timestamp() // self._shop.pace.sweep)
        for name in self._swept():
            if self._shop.store.add(f"sweep/{name}/{hour}", 1, _COUNTED_SECONDS) == 1:
                kept = self._shop.store.get(f"swept/{name}")
                pause = self._shop.pace.overlap if kept else self._shop.pace.first_sweep
                last = dt.datetime.fromisoformat(kept.decode()) if kept else now
                if self._sweep(name, last - dt.timedelta(seconds=pause)) is not None:
                    self._shop.store.put(f"swept/{name}", now.isoformat().encode(), _KEPT_SECONDS)

    def sweep(self, since: dt.datetime) -> dict[str, int | None]:
        """How many captures from then on the ledger did not know, by gateway; None where it does not tell."""
        return {name: self._sweep(name, since) for name in self._swept()}

    def _swept(self) -> list[str]:
        gateways = self._shop.gateways
        return [name for name in sorted(gateways) if Capability.CAPTURED_SINCE in gateways[name].capabilities]

    def _sweep(self, name: str, since: dt.datetime) -> int | None:
        gateway = self._shop.gateways[name]
        captured = attempted(lambda: list(gateway.captured_since(since)))
        if isinstance(captured, Exception):
            if not isinstance(captured, FacadeError):
                self._shop.event(Event.WORKER_SURPRISED, fault=type(captured).__name__, where=place(captured))
            self._shop.event(Event.GATEWAY_SILENT, gateway=name, fault=type(captured).__name__)
            return None
        return sum(self._known(name, result) for result in captured)

    def _known(self, name: str, result: Result) -> int:
        """Let the ledger have it; 1 where it knew nothing of it."""
        ledger = self._shop.ledger
        payment = ledger.of_session(name, result.reference)
        if payment is None and (id := self._shop.opened(name, result.payment)):
            payment = ledger.get(id)  # whoever began it was killed before the gateway's answer was written down
        if payment is None:
            return self._unknown(name, result)
        if payment.captured is None:  # what became of it since, the gateway says when it is asked
            self._asking.heard(payment, result)
        return 0

    def _unknown(self, name: str, result: Result) -> int:
        now = self._shop.now()
        payment = Payment(
            id=hashlib.sha256(f"{name}\0{result.reference}".encode()).hexdigest()[:40],
            state=State.NEEDS_REVIEW,
            patient=_NOBODY,
            billing_system="",
            target=Target("", ""),
            amount=result.amount or Decimal(0),
            currency=result.currency,
            gateway=name,
            reference=result.reference,
            created=now,
            captured=result.at or now,
            tender=Tender(result.tender, result.brand, result.last4),
            reason=UNKNOWN_CAPTURE,
            changed=now,
        )
        try:
            self._shop.ledger.add(payment, [], SWEEP)
        except Outdated:  # another worker has just done the same
            return 0
        self._shop.event(Event.CAPTURE_UNKNOWN, gateway=name)
        return 1
