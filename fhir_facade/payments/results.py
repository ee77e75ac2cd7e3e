"""What a gateway's word makes of a payment: late, repeated, or in the wrong order (production-rules.md E and F5).

A result that says nothing new changes nothing.  Money that was taken always counts, whatever was thought before.  What
cannot both be true is for somebody to look at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from fhir_facade.gateways.port import Outcome, Result
from fhir_facade.payments.payment import Payment, Tender
from fhir_facade.payments.states import WORK, State, may
from fhir_facade.state.ledger import Ledger, Outdated

_S, _O = State, Outcome

GIVEN_BACK = frozenset({Outcome.REFUNDED, Outcome.DISPUTED, Outcome.RETURNED})
"""What a gateway can say on any later day of money that it took."""

AMOUNT_DIFFERS = "amount-differs"
RELEASED_AFTER_CAPTURED = "released-after-captured"

_TRIES = 8  # each one lost to somebody else who changed the payment

_NOT_TAKEN = (_S.OPEN, _S.AUTHORIZED, _S.DECLINED, _S.EXPIRED)
_TAKEN = (_S.CAPTURED, _S.POSTING, _S.UNKNOWN, _S.ACCEPTED, _S.POSTED, _S.NEEDS_REVIEW)


def _given_back(to: State) -> Mapping[State, State]:
    """Of money that was never seen to be taken, too: that it came and went is for somebody to look at."""
    return dict.fromkeys(_NOT_TAKEN, _S.NEEDS_REVIEW) | dict.fromkeys((*_TAKEN, _S.MISTAKE), to)


# What is not here says nothing new, or something that came too late.
TABLE: Mapping[Outcome, Mapping[State, State]] = {
    _O.OPEN: {},
    _O.AUTHORIZED: dict.fromkeys((_S.OPEN, _S.DECLINED, _S.EXPIRED), _S.AUTHORIZED),
    # A voided one whose hold was let go had nothing taken; one that was taken and given back stays voided (``_next``).
    _O.CAPTURED: dict.fromkeys((*_NOT_TAKEN, _S.VOIDED), _S.CAPTURED),
    _O.DECLINED: {_S.OPEN: _S.DECLINED},
    _O.EXPIRED: dict.fromkeys((_S.OPEN, _S.AUTHORIZED, _S.DECLINED), _S.EXPIRED),
    _O.RELEASED: dict.fromkeys((_S.OPEN, _S.DECLINED), _S.EXPIRED)
    | {_S.AUTHORIZED: _S.VOIDED}
    | dict.fromkeys(_TAKEN, _S.NEEDS_REVIEW),
    _O.REFUNDED: {**_given_back(_S.REFUNDED), _S.DISPUTED: _S.REFUNDED},  # a dispute that was lost
    _O.DISPUTED: {**_given_back(_S.DISPUTED), _S.VOIDED: _S.DISPUTED},
    _O.RETURNED: {**_given_back(_S.RETURNED), _S.VOIDED: _S.RETURNED},
}
"""Outcome × state → the state that follows."""


def apply(ledger: Ledger, payment: Payment, result: Result, by: str, now: dt.datetime) -> Payment:
    """The payment as it is once the ledger has what the gateway says; whoever changed it meanwhile is heard first.

    A capture of less than what is held is written down as the payment's ``amount`` before it is asked for: an amount
    that was not asked for is for somebody to look at (``amount-differs``).
    """
    for _ in range(_TRIES):
        try:
            return _apply(ledger, payment, result, by, now)
        except Outdated:
            payment = ledger.get(payment.id) or payment
    return _apply(ledger, payment, result, by, now)


def _apply(ledger: Ledger, payment: Payment, result: Result, by: str, now: dt.datetime) -> Payment:
    (to, reason), changes = _next(payment, result), _changes(payment, result, now)
    said = reason or result.outcome.value
    if to is None or not may(payment.state, to):
        return ledger.note(payment, by, said, **changes) if changes else payment
    changes["due"] = now if to in WORK else None
    return ledger.move(payment, to, by, said, **changes)


def _next(payment: Payment, result: Result) -> tuple[State | None, str]:
    """Where it leads, and why where somebody has to look."""
    to, outcome = TABLE[result.outcome].get(payment.state), result.outcome
    if outcome in GIVEN_BACK:
        return _after_giving_back(payment, result, to)
    if to is None or (outcome is Outcome.CAPTURED and payment.captured is not None):
        return None, ""
    if outcome in (Outcome.AUTHORIZED, Outcome.CAPTURED) and not _as_asked(payment, result):
        return State.NEEDS_REVIEW, AMOUNT_DIFFERS
    if outcome is Outcome.RELEASED and payment.state in _TAKEN:
        known = outcome.value in payment.flags
        return (None, "") if known else (State.NEEDS_REVIEW, RELEASED_AFTER_CAPTURED)
    return to, ""


def _after_giving_back(payment: Payment, result: Result, to: State | None) -> tuple[State | None, str]:
    if to is None or _flag(payment, result) in payment.flags:
        return None, ""
    partly = _partly(payment, result)
    if partly or to is State.NEEDS_REVIEW:
        return State.NEEDS_REVIEW, f"partly-{result.outcome.value}" if partly else result.outcome.value
    return to, ""


def _changes(payment: Payment, result: Result, now: dt.datetime) -> dict[str, Any]:
    """What else is known now; empty where it was all known before."""
    changes: dict[str, Any] = {}
    if not payment.reference and result.reference:
        changes["reference"] = result.reference
    outcome = result.outcome
    if outcome is Outcome.AUTHORIZED and payment.state in TABLE[outcome]:
        changes["held"] = result.amount
    elif outcome is Outcome.CAPTURED and payment.captured is None:
        changes |= {"captured": result.at or now, "taken": result.amount, "tender": _tender(payment, result)}
    elif outcome in GIVEN_BACK and (flag := _flag(payment, result)) not in payment.flags:
        given_back = max(payment.given_back, result.amount or payment.taken or payment.amount)
        changes |= {"flags": (*payment.flags, flag), "given_back": given_back}
    elif outcome is Outcome.RELEASED and payment.state in _TAKEN and outcome.value not in payment.flags:
        changes["flags"] = (*payment.flags, outcome.value)
    return changes


def _as_asked(payment: Payment, result: Result) -> bool:
    """An amount that the gateway does not tell is not the one that was asked for."""
    return result.amount == payment.amount and result.currency.upper() == payment.currency.upper()


def _partly(payment: Payment, result: Result) -> bool:
    return result.amount is not None and result.amount < (payment.taken or payment.amount)


def _flag(payment: Payment, result: Result) -> str:
    """By which it is known that this was said before.  What was given back in part may become more."""
    return f"partly-{result.outcome.value}:{result.amount}" if _partly(payment, result) else result.outcome.value


def _tender(payment: Payment, result: Result) -> Tender:
    said = Tender(result.tender, result.brand, result.last4)
    return said if said != Tender() else payment.tender
