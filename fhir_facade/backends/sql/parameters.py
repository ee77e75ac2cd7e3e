"""The values that a site's posting statement, or a line of its batch, can use for one part of a payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from fhir_facade.backends.parts import Part, cents, digits, method
from fhir_facade.backends.posting import Posting
from fhir_facade.backends.sql.cells import Site

Values = dict[str, str | int | None]

PARAMETERS: Mapping[str, str] = {
    "payment": "our id of the payment: the same in each of its parts, and of no other payment",
    "part": "which of its parts, a whole number from 1; `payment` and `part` together are unique",
    "patient": "the patient's number",
    "bill": "the bill that the part pays; NULL where it pays none",
    "visit": "the appointment that the part pays before it; NULL where it pays none",
    "amount": "the part's amount: text with plain digits, `12.50`, or whole cents where `amount_unit` says so",
    "total": "the whole payment's amount, written likewise",
    "currency": "ISO 4217 code",
    "captured": "when the money was taken: ISO 8601 in `timezone`, `2026-11-23T17:30:00-06:00`",
    "captured_at": "the same without offset: `2026-11-23 17:30:00`",
    "captured_on": "its date: `2026-11-23`",
    "method": "how it was paid, as `methods` calls the brand or the tender; without it the gateway's own word",
    "tender": "how it was paid, as the gateway says: `card`, `ach`; may be NULL",
    "brand": "a card's brand, as the gateway says: `visa`; may be NULL",
    "last4": "last four digits of the card or account; may be NULL",
}


def values(posting: Posting, part: Part, site: Site) -> Values:
    """The parameters by name.  Amounts are text or whole cents, never floating point."""
    captured = posting.captured.astimezone(site.zone or dt.UTC).replace(microsecond=0)
    amount = cents if site.cents else digits
    found: Values = {
        "payment": posting.payment,
        "part": part.part,
        "patient": posting.patient.value,
        "bill": part.bill,
        "visit": part.visit,
        "amount": amount(part.amount),
        "total": amount(posting.amount),
        "currency": posting.currency,
        "captured": captured.isoformat(),
        "captured_at": captured.replace(tzinfo=None).isoformat(" "),
        "captured_on": str(captured.date()),
        "method": method(posting),
        "tender": posting.tender,
        "brand": posting.brand,
        "last4": posting.last4,
    }
    return {name: None if value == "" else value for name, value in found.items()}
