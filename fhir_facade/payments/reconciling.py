"""Finds out what became of a payment that the billing system may have been told of: it only ever looks.

At 1, 5, 15 and 60 minutes after the attempt (production-rules.md F3).  What is not known by then is for somebody to
look at.  One that was accepted (a file that is loaded at night) is looked for longer, and so is one while the billing
system cannot be asked.
"""

from __future__ import annotations

import datetime as dt

from fhir_facade import wire
from fhir_facade.backends.posting import Declined, NotSent, Told, Unsure, Verdict
from fhir_facade.boundary import attempted, place
from fhir_facade.errors import FacadeError
from fhir_facade.events import Event
from fhir_facade.payments.hold import Still
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.posting import NotAddingUp, posting_of
from fhir_facade.payments.settling import KNOWN, settle
from fhir_facade.payments.states import State
from fhir_facade.payments.workshop import WORKER, Workshop

_REASONS = {Verdict.ABSENT: "not-found", Verdict.UNDECIDED: "undecided", Verdict.ACCEPTED: "not-visible"}


class Reconciling:
    """What a worker does with a payment whose outcome is unknown, or that is not shown yet."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    def posting(self, payment: Payment, still: Still) -> None:
        """Whoever was telling is no more, or has lost it: from here on it is looked for, and never told."""
        self.look(self._shop.ledger.move(payment, State.UNKNOWN, WORKER, "interrupted"), still)

    def look(self, payment: Payment, _: Still) -> Payment:
        """Look once.  The payment afterwards."""
        shop = self._shop
        poster = shop.posters.get(payment.billing_system)
        if poster is None:
            return self._cannot_look(payment, "NoPoster")
        try:
            posting = posting_of(payment, shop.terms.get(payment.patient.authority, {}))
        except NotAddingUp:
            return shop.review(payment, "amounts-do-not-add-up")
        snapshot = wire.decode(payment.snapshot) if payment.snapshot else {}
        found = attempted(lambda: poster.found(posting, snapshot))
        return self._found(payment, found)

    def _found(self, payment: Payment, found: Told | Exception) -> Payment:
        if isinstance(found, Told):
            known = KNOWN.get(found.verdict)
            if known is not None and known is not payment.state:
                return settle(self._shop, payment, found, "found")
            return self._again(payment, _REASONS[found.verdict])
        if isinstance(found, Declined):
            return self._shop.review(payment, f"declined: {found}".rstrip(": "))
        if isinstance(found, (NotSent, FacadeError)):
            return self._cannot_look(payment, type(found).__name__)
        if isinstance(found, Unsure):
            return self._again(payment, "undecided")
        self._shop.event(Event.WORKER_SURPRISED, fault=type(found).__name__, where=place(found))
        return self._again(payment, f"fault: {type(found).__name__}")

    def _again(self, payment: Payment, reason: str) -> Payment:
        """Look again at the next time of the schedule; after the last, somebody else looks."""
        shop, now = self._shop, self._shop.now()
        tried = payment.tried or payment.captured or payment.created
        due = shop.pace.next_look(tried, now)
        if due is None and payment.state is State.ACCEPTED and self._patient(tried, now):
            due = now + dt.timedelta(seconds=shop.pace.later)
        return shop.review(payment, reason) if due is None else shop.ledger.postpone(payment, due)

    def _cannot_look(self, payment: Payment, fault: str) -> Payment:
        """That it cannot be asked says nothing of the payment."""
        shop, now = self._shop, self._shop.now()
        shop.event(Event.PAYMENT_UNPOSTED, billing_system=payment.billing_system, fault=fault)
        tried = payment.tried or payment.captured or payment.created
        if not self._patient(tried, now):
            return shop.review(payment, f"cannot-look: {fault}")
        due = shop.pace.next_look(tried, now) or now + shop.pace.again(16, shop.jitter())
        return shop.ledger.postpone(payment, due)

    def _patient(self, tried: dt.datetime, now: dt.datetime) -> bool:
        return now < tried + dt.timedelta(seconds=self._shop.pace.patience)
