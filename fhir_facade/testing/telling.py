"""Tells payments the way the conformance suite needs it: twice, and nearly the same ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from fhir_facade.backends.posting import Declined, NotSent, Poster, Posting, Told, Unsure, Verdict

CENT = Decimal("0.01")
TAKEN = (Verdict.POSTED, Verdict.ACCEPTED)


def outcome(attempt: Callable[[], Told]) -> Verdict | type[Exception]:
    """The verdict, or how it failed."""
    try:
        return attempt().verdict
    except (NotSent, Declined, Unsure) as failure:
        return type(failure)


def told_or_refused(poster: Poster, posting: Posting) -> None:
    """A second telling may say that the payment is there, or that it does not know; it must not fail otherwise."""
    snapshot = poster.snapshot(posting)
    assert outcome(lambda: poster.tell(posting, snapshot)) in (*TAKEN, Unsure, Declined)


def near(posting: Posting) -> list[Posting]:
    """Payments that are nearly the same: one share a cent more or less, and the sum divided otherwise."""
    first, second = posting.bills
    more = {**posting.bills, first: posting.bills[first] + CENT}
    less = {**posting.bills, second: posting.bills[second] - CENT}
    other = {first: posting.bills[first] + CENT, second: posting.bills[second] - CENT}
    one = {first: posting.amount}
    return [replace(posting, bills=bills, amount=sum(bills.values(), Decimal(0))) for bills in (more, less, other, one)]
