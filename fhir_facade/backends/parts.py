"""A payment in parts, as a billing system books it: one for each bill, one for a visit, one for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from fhir_facade.backends.posting import Declined, Posting

CENT = Decimal("0.01")


class Part(NamedTuple):
    """``part`` counts from 1, the same at every telling; ``bill`` and ``visit`` are empty where it is for neither."""

    part: int
    bill: str
    visit: str
    amount: Decimal


def parts(posting: Posting) -> tuple[Part, ...]:
    """All parts, bills first.  ``Declined`` where they are not positive, or do not sum to the amount."""
    found = tuple(Part(number, *what) for number, what in enumerate(_whats(posting), start=1))
    if not found or any(part.amount <= 0 for part in found):
        raise Declined("a part of the payment is not a positive amount")
    if sum(part.amount for part in found) != posting.amount:
        raise Declined("the parts of the payment do not sum to its amount")
    return found


def _whats(posting: Posting) -> Iterator[tuple[str, str, Decimal]]:
    yield from ((bill, "", amount) for bill, amount in sorted(posting.bills.items()))
    if posting.visit:
        yield "", posting.visit, posting.visit_amount
    if posting.other:
        yield "", "", posting.other


def digits(amount: Decimal) -> str:
    """Plain digits, two of them at least after the point: ``12.50``."""
    return f"{amount.quantize(CENT) if amount == amount.quantize(CENT) else amount:f}"


def cents(amount: Decimal) -> int:
    """Whole hundredths.  ``Declined`` where there is a part of one."""
    whole = amount.scaleb(2)
    if whole != whole.to_integral_value():
        raise Declined("an amount has more than two digits after the point")
    return int(whole)


def method(posting: Posting) -> str:
    """What the billing system calls how it was paid: ``methods`` of the settings, by the brand or else the tender."""
    methods: Mapping[str, str] = posting.settings.get("methods", {})
    return methods.get(posting.brand) or methods.get(posting.tender) or posting.brand or posting.tender
