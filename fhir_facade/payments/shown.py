"""What the facade itself knows of a patient's money, as records beside those of billing systems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from fhir_facade.payments.payment import Payment
from fhir_facade.payments.states import State
from fhir_facade.records import Bill, Personal
from fhir_facade.records import Payment as Known

_NOT_KNOWN_YET = frozenset({State.OPEN, State.AUTHORIZED, State.DECLINED, State.EXPIRED, State.CAPTURED})
_DAY = dt.timedelta(days=1)


class PendingBill(Bill, frozen=True, kw_only=True):
    """A bill with money that was taken for it and that the billing system does not show yet."""

    payment_pending: Decimal


class Notice(Personal, frozen=True, kw_only=True):
    """A payment of the ledger; ``number`` is the ledger's id.  ``known``: the same as the billing system knows it."""

    payment: Payment
    known: Known | None = None


def joined(payments: Iterable[Payment], known: Sequence[Known], patient: str = "") -> list[Known | Notice]:
    """Each payment once, whoever knows of it; ``patient``: the number in force, where the ledger may have another."""
    left, notices = list(known), []
    for payment in payments:
        if payment.state is State.EXPIRED and not payment.url:  # the gateway never gave a page for it
            continue
        same = next((each for each in left if _is(payment, each)), None)
        if same is not None:
            left.remove(same)
        whose = patient or payment.patient.value
        notices.append(Notice(number=payment.id, patient=whose, payment=payment, known=same))
    return [*left, *notices]


def _is(payment: Payment, known: Known) -> bool:
    """By the billing system's number; without one, by all that was said when it was told."""
    if payment.external:
        return payment.external in (known.number, known.key)
    if payment.state in _NOT_KNOWN_YET or payment.captured is None:
        return False
    shares = {share.bill: share.amount for share in known.shares}
    same_day = abs(_day(known.taken) - payment.captured.date()) <= _DAY
    told = {share.bill: share.amount for share in payment.shares}
    return same_day and (known.amount, shares, known.visit) == (payment.amount, told, payment.visit)


def _day(when: dt.date) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when
