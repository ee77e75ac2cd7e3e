"""``/patients/{id}`` becomes a Person; and whose answer it is: the number in force after merges (reference 8.1).

Deleted and restricted patients are nobody (production rule A2).  A returned ``patientid`` that differs from the one
asked for is a merge (A4), unless it is the same person's enterprise or local number (A3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhir_facade.backends.athenahealth.directory import address
from fhir_facade.backends.athenahealth.scalars import day, numbers, text
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import Gender, Person

Row = Mapping[str, Any]

_GENDERS = {"M": Gender.MALE, "F": Gender.FEMALE, "": None}
_ACTIVE = frozenset({"", "active", "a", "prospective", "p"})
_DELETED = frozenset({"deleted", "d"})
_OPEN = frozenset({"", "N"})


@dataclass(frozen=True)
class Chart:
    """What athenahealth says of one patient.  ``number`` is in force; their rows may bear the ``aliases``.

    ``enterprise``: rows may also say whose they are by a local number.
    """

    row: Row
    number: str
    aliases: frozenset[str]
    enterprise: bool = False

    def owns(self, row: Row) -> bool:
        """Whether a row of a list (``/claims``) is this patient's."""
        if text(row.get("patientid")) in self.aliases:
            return True
        return self.enterprise and not self.aliases.isdisjoint(numbers(row.get("localpatientid")))


def chart(rows: Sequence[Row], asked: str, enterprise: bool = False) -> Chart | None:
    """The chart in an answer to ``/patients/{asked}``; None where there is nobody whom a patient may be shown."""
    if len(rows) > 1:
        raise UnexpectedShape("$[1]", "one patient")
    row = rows[0] if rows else {"status": "deleted"}
    if text(row.get("status")).lower() in _DELETED or text(row.get("confidentialitycode")).upper() not in _OPEN:
        return None
    returned = text(row["patientid"])
    others = frozenset(numbers(row.get("localpatientid"))) if enterprise else frozenset[str]()
    in_force = asked if asked in others else returned
    return Chart(row, in_force, others | {asked, returned}, enterprise)


def person(found: Chart, asked: str) -> Person:
    """The person under the number in force."""
    row = found.row
    try:
        return Person(
            number=found.number,
            family=text(row.get("lastname")),
            given=tuple(said for name in ("firstname", "middlename") if (said := text(row.get(name)))),
            birth_date=day(row.get("dob")),
            gender=_GENDERS.get(text(row.get("sex")).upper(), Gender.UNKNOWN),
            active=text(row.get("status")).lower() in _ACTIVE,
            deceased=day(row.get("deceaseddate")),
            phone=text(row.get("mobilephone")) or text(row.get("homephone")),
            email=text(row.get("email")),
            address=address(row, "address1", "address2"),
            previous=_previous(found, asked),
        )
    except ValueError:
        raise UnexpectedShape("$[0]", "dates that exist") from None


def _previous(found: Chart, asked: str) -> tuple[str, ...]:
    said = found.row.get("previouspatientids") or []
    rows = said if isinstance(said, list) else numbers(said)
    merged = [text(row.get("previouspatientid") if isinstance(row, Mapping) else row) for row in rows]
    return tuple(dict.fromkeys(number for number in [*merged, asked] if number and number != found.number))
