"""Carries a captured payment into the billing system: looks, writes down that it is about to tell, and tells once.

Killed at any instruction, it leaves one of three things.  Before ``posting`` is committed: the payment is captured, and
whoever comes next begins anew; nothing was told.  After it, and before the outcome is committed: the payment is in
``posting``, and whoever finds it there looks at the billing system and never tells again.  After that: the outcome.
Only one can have moved a payment from ``captured`` to ``posting``, for a move names the version that it starts from.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fhir_facade import wire
from fhir_facade.backends.posting import Declined, NotSent, Poster, Posting, Told, Unsure
from fhir_facade.boundary import attempted, place
from fhir_facade.errors import FacadeError
from fhir_facade.events import Event
from fhir_facade.keys import SourceKey
from fhir_facade.payments.hold import Still
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.posting import NotAddingUp, posting_of
from fhir_facade.payments.settling import KNOWN, settle
from fhir_facade.payments.states import State
from fhir_facade.payments.workshop import WORKER, Workshop

RESTORED = "restored"
"""The flag of a payment that a restored copy of the ledger does not know the end of (production-rules.md F7)."""

LOCK_SECONDS = 60.0


class Carrying:
    """What a worker does with a captured payment."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    def captured(self, payment: Payment, still: Still) -> None:
        """Tell the billing system of it."""
        shop = self._shop
        if RESTORED in payment.flags:
            now = shop.now()
            shop.ledger.move(payment, State.UNKNOWN, WORKER, RESTORED, tried=now, due=shop.pace.next_look(now, now))
            return
        poster = shop.posters.get(payment.billing_system)
        if poster is None:
            shop.event(Event.PAYMENT_UNPOSTED, billing_system=payment.billing_system, fault="NoPoster")
            shop.later(payment, shop.pace.again_most)
            return
        try:
            posting = posting_of(payment, shop.terms.get(payment.patient.authority, {}))
        except NotAddingUp:
            shop.review(payment, "amounts-do-not-add-up")
            return
        # Beside another one of the same person, a snapshot would not tell whose traces are found after it.
        key = poster.lock_key(posting.patient)
        with shop.store.lock(_nameless(key), LOCK_SECONDS):
            if any(self._lock_key(other) == key for other in shop.standing.undecided(payment.patient.value, payment)):
                shop.later(payment, shop.pace.turn)
            else:
                self._carry(payment, posting, poster, still)

    def _lock_key(self, other: Payment) -> str:
        poster = self._shop.posters.get(other.billing_system)
        return "" if poster is None else poster.lock_key(SourceKey(other.billing_system, other.patient.value))

    def _carry(self, payment: Payment, posting: Posting, poster: Poster, still: Still) -> None:
        shop = self._shop
        taken = attempted(lambda: wire.encode(poster.snapshot(posting)))
        if isinstance(taken, Exception):
            self._without_a_snapshot(payment, taken)
            return
        now = shop.now()
        posting_now = shop.ledger.move(
            payment,
            State.POSTING,
            WORKER,
            snapshot=taken.decode(),
            tried=now,
            attempts=payment.attempts + 1,
            due=shop.pace.next_look(now, now),
        )
        if not still():  # it is somebody else's, who finds it in ``posting``
            return
        told = attempted(lambda: poster.tell(posting, wire.decode(taken)))
        self._told(posting_now, told)

    def _without_a_snapshot(self, payment: Payment, failure: Exception) -> None:
        """Nothing was told.  What nobody expected is a fault of ours, and is not tried again by itself."""
        if isinstance(failure, (NotSent, FacadeError)):
            self._not_sent(payment, failure, attempts=payment.attempts + 1)
            return
        self._surprised(failure)
        self._shop.review(payment, f"fault: {type(failure).__name__}")

    def _told(self, payment: Payment, told: Told | Exception) -> None:
        """Writes down how telling ended."""
        if isinstance(told, Told) and told.verdict in KNOWN:
            settle(self._shop, payment, told, told.verdict.value)
        elif isinstance(told, NotSent):
            self._not_sent(payment, told)
        elif isinstance(told, Declined):
            self._shop.review(payment, f"declined: {told}".rstrip(": "))
        else:
            self._unknown(payment, told)

    def _not_sent(self, payment: Payment, failure: Exception, **changes: Any) -> None:
        """Try again, later each time."""
        shop = self._shop
        due = shop.now() + shop.pace.again(payment.attempts, shop.jitter())
        shop.event(Event.PAYMENT_UNPOSTED, billing_system=payment.billing_system, fault=type(failure).__name__)
        if payment.state is State.CAPTURED:
            shop.ledger.note(payment, WORKER, "not-sent", due=due, **changes)
        else:
            shop.ledger.move(payment, State.CAPTURED, WORKER, "not-sent", due=due)

    def _unknown(self, payment: Payment, told: Told | Exception) -> None:
        """It may have been told."""
        shop, fault = self._shop, "Unsure"
        if isinstance(told, Exception) and not isinstance(told, Unsure):
            fault = type(told).__name__
            if not isinstance(told, FacadeError):
                self._surprised(told)
        shop.event(Event.PAYMENT_UNPOSTED, billing_system=payment.billing_system, fault=fault)
        shop.ledger.move(payment, State.UNKNOWN, WORKER, "unsure" if fault == "Unsure" else f"fault: {fault}")

    def _surprised(self, failure: Exception) -> None:
        self._shop.event(Event.WORKER_SURPRISED, fault=type(failure).__name__, where=place(failure))


def _nameless(key: str) -> str:
    """The name of a lock that shows no patient number."""
    return f"posting/{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
