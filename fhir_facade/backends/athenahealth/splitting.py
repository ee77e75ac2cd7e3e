"""How a payment falls to claims, to an appointment and to nothing in particular, by what is owed now (E3).

A claim gets what it still owes; the rest is told in the same call as ``otheramount`` and flagged.  The amounts told
always sum to the payment's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fhir_facade.backends.athenahealth.standing import Claim, Standing
from fhir_facade.backends.posting import Posting

OVERPAID = "overpaid"


@dataclass(frozen=True)
class Shares:
    """``claims`` by number, each above 0."""

    claims: Mapping[str, Decimal]
    copay: Decimal
    other: Decimal
    flags: tuple[str, ...]


def split(posting: Posting, standing: Standing) -> Shares:
    """The shares.  A claim whose balance is not stated gets all of its part; one that is gone gets nothing."""
    claims = {number: _owed(standing.claims.get(number), part) for number, part in posting.bills.items()}
    rest = sum(posting.bills.values(), Decimal()) - sum(claims.values(), Decimal())
    expected = standing.copay.owed if standing.copay else None
    too_much_copay = expected is not None and posting.visit_amount > expected
    return Shares(
        claims={number: part for number, part in claims.items() if part > 0},
        copay=posting.visit_amount,
        other=posting.other + rest,
        flags=(OVERPAID,) if rest > 0 or too_much_copay else (),
    )


def _owed(claim: Claim | None, part: Decimal) -> Decimal:
    if claim is None:
        return Decimal()
    return part if claim.balance is None else max(Decimal(), min(part, claim.balance))
