"""What a billing system said of a payment is written down, whoever has changed the payment meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from fhir_facade.backends.posting import Told, Verdict
from fhir_facade.events import Event
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.states import State, may
from fhir_facade.payments.workshop import WORKER, Workshop
from fhir_facade.state.ledger import Outdated

KNOWN: Mapping[Verdict, State] = {Verdict.POSTED: State.POSTED, Verdict.ACCEPTED: State.ACCEPTED}
"""The verdicts that end all doubt."""

TO_REVERSE = "to-reverse"
"""The flag of a payment that the billing system has, and whose money is not there any more."""

_TRIES = 8  # each one lost to somebody else who changed the payment


def settle(shop: Workshop, payment: Payment, told: Told, reason: str) -> Payment:
    """The billing system has it.  That is so whatever became of the payment: what cannot follow is an operator's."""
    for _ in range(_TRIES):
        try:
            return _settle(shop, payment, told, reason)
        except Outdated:
            payment = shop.ledger.get(payment.id) or payment
    return _settle(shop, payment, told, reason)


def _settle(shop: Workshop, payment: Payment, told: Told, reason: str) -> Payment:
    to = KNOWN[told.verdict]
    if payment.state in (to, State.POSTED):
        return payment
    now = shop.now()
    if may(payment.state, to):
        flags = (*payment.flags, *(flag for flag in told.flags if flag not in payment.flags))
        settled = shop.ledger.move(payment, to, WORKER, reason, flags=flags, **_known(shop, payment, told, to, now))
        shop.event(_EVENTS[to], billing_system=payment.billing_system, seconds=_since(payment.captured, now))
        return settled
    if TO_REVERSE in payment.flags:
        return payment
    flags = (*payment.flags, *told.flags, TO_REVERSE)
    shop.event(Event.PAYMENT_TO_REVERSE, billing_system=payment.billing_system, state=payment.state.value)
    return shop.ledger.note(
        payment, WORKER, TO_REVERSE, flags=flags, external=told.external or payment.external, posted=now
    )


_EVENTS = {State.POSTED: Event.PAYMENT_POSTED, State.ACCEPTED: Event.PAYMENT_ACCEPTED}


def _known(shop: Workshop, payment: Payment, told: Told, to: State, now: dt.datetime) -> dict[str, Any]:
    external = told.external or payment.external
    if to is State.POSTED:
        return {"external": external, "posted": now, "due": None}
    due = shop.pace.next_look(payment.tried or now, now) or now + dt.timedelta(seconds=shop.pace.later)
    return {"external": external, "due": due}


def _since(captured: dt.datetime | None, now: dt.datetime) -> int:
    return 0 if captured is None else int((now - captured).total_seconds())
