"""What a billing system says of a payment, part by part, in one verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fhir_facade.backends.posting import Declined, Told, Verdict

POSTED, ACCEPTED, REFUSED = "posted", "accepted", "refused"
STATUSES = (POSTED, ACCEPTED, REFUSED)


class Said(NamedTuple):
    """Of one part: a word of ``STATUSES`` (any other is none), the billing system's number, and where it says so."""

    status: str
    number: str = ""
    place: str = ""


def verdict(parts: Sequence[Iterable[Said]]) -> Told:
    """The verdict of what was said of each part.  ``Declined`` where the whole payment was refused.

    Nothing said of a part, or *accepted* alone, is: not shown yet.  What contradicts itself cannot be told.
    """
    words = [{said.status for said in part} - {ACCEPTED} for part in parts]
    numbers = sorted({said.number for part in parts for said in part if said.number})
    external = numbers[0] if len(numbers) == 1 else ""
    if all(said == {REFUSED} for said in words):
        place = next((said.place for part in parts for said in part if said.status == REFUSED), "")
        raise Declined("the billing system has refused it" + (f": {place}" if place else ""))
    if any(said - {POSTED} for said in words):
        return Told(Verdict.UNDECIDED)
    return Told(Verdict.POSTED if all(words) else Verdict.ACCEPTED, external)
