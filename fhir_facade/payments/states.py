"""Where a payment can stand, and where it can go from there (fhir-contract.md §2, production-rules.md E and F)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class State(str, Enum):
    """The state of a payment in the ledger."""

    OPEN = "open"  # the patient is at the gateway, or has not gone there yet
    AUTHORIZED = "authorized"  # the gateway holds the amount, and nothing was taken
    CAPTURED = "captured"  # the gateway has the money; the billing system is to be told
    POSTING = "posting"  # the billing system is being told: whoever finds this state reconciles, and never tells again
    UNKNOWN = "unknown"  # it may have been told: reconciled until that is known
    ACCEPTED = "accepted"  # the billing system has taken it, and does not show it yet
    POSTED = "posted"  # the billing system has it
    NEEDS_REVIEW = "needs-review"  # somebody has to look
    DECLINED = "declined"
    EXPIRED = "expired"  # nobody paid in time
    VOIDED = "voided"  # taken back before the billing system knew, or a hold that was let go
    MISTAKE = "entered-in-error"
    REFUNDED = "refunded"  # the gateway gave the money back
    DISPUTED = "disputed"  # the cardholder's bank wants it back
    RETURNED = "returned"  # the patient's bank did not pay


_S = State
_LATER = frozenset({_S.REFUNDED, _S.DISPUTED, _S.RETURNED})  # what a gateway can report of captured money on any day

TRANSITIONS: Mapping[State, frozenset[State]] = {
    _S.OPEN: frozenset({_S.AUTHORIZED, _S.CAPTURED, _S.DECLINED, _S.EXPIRED, _S.NEEDS_REVIEW}),
    _S.AUTHORIZED: frozenset({_S.CAPTURED, _S.VOIDED, _S.EXPIRED, _S.NEEDS_REVIEW}),
    _S.CAPTURED: frozenset({_S.POSTING, _S.NEEDS_REVIEW, _S.VOIDED, _S.MISTAKE}) | _LATER,
    _S.POSTING: frozenset({_S.CAPTURED, _S.ACCEPTED, _S.POSTED, _S.UNKNOWN, _S.NEEDS_REVIEW}) | _LATER,
    _S.UNKNOWN: frozenset({_S.POSTED, _S.ACCEPTED, _S.NEEDS_REVIEW}) | _LATER,
    _S.ACCEPTED: frozenset({_S.POSTED, _S.NEEDS_REVIEW}) | _LATER,
    _S.POSTED: frozenset({_S.MISTAKE, _S.NEEDS_REVIEW, _S.VOIDED}) | _LATER,
    _S.NEEDS_REVIEW: frozenset({_S.CAPTURED, _S.UNKNOWN, _S.POSTED, _S.VOIDED, _S.MISTAKE}) | _LATER,
    # A gateway's word may come late, twice, or in the wrong order; money that it has taken counts.
    _S.DECLINED: frozenset({_S.AUTHORIZED, _S.CAPTURED, _S.EXPIRED, _S.NEEDS_REVIEW}),
    _S.EXPIRED: frozenset({_S.AUTHORIZED, _S.CAPTURED, _S.NEEDS_REVIEW}),
    _S.VOIDED: frozenset({_S.CAPTURED, _S.NEEDS_REVIEW}) | _LATER,
    _S.MISTAKE: _LATER,
    _S.REFUNDED: frozenset({_S.NEEDS_REVIEW}),
    _S.DISPUTED: frozenset({_S.POSTED, _S.REFUNDED, _S.NEEDS_REVIEW}),  # won, or lost
    _S.RETURNED: frozenset({_S.NEEDS_REVIEW}),
}

SESSION = frozenset({State.OPEN, State.AUTHORIZED})
"""The patient may still pay, or be charged: what is being paid is locked for others."""

WORK = frozenset({State.OPEN, State.AUTHORIZED, State.CAPTURED, State.POSTING, State.UNKNOWN, State.ACCEPTED})
"""Not at its end by itself: a worker looks after it."""

NOT_VISIBLE_YET = frozenset({State.CAPTURED, State.POSTING, State.UNKNOWN, State.ACCEPTED, State.NEEDS_REVIEW})
"""The gateway has the money and the billing system may not show it: pending on the bill, and not to be paid again."""


def may(state: State, to: State) -> bool:
    """True if a payment can go from one state to the other."""
    return to in TRANSITIONS[state]
