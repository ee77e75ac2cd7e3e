"""Who is who, and who acts for whom: people and their patient numbers, as a site's person index exports them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from fhir_facade.keys import PatientKey
from fhir_facade.octets import octets, text_of
from fhir_facade.state.database import Database
from fhir_facade.state.tables import CROSSWALK, PROXIES

SUBJECT = "sub:"
"""What a proxy begins with who is the subject of a token, and no person."""


class Known(NamedTuple):
    """A person, by the id that tokens carry, and one of their patient numbers."""

    person: str
    number: PatientKey


class Proxy(NamedTuple):
    """Who may act for a person: another person, or ``sub:`` and the subject of their tokens.

    ``billing``: for their bills, too.  ``expires``: the last day.  ``until_age``: until the person, born on
    ``birth_date``, has that age in years.
    """

    proxy: str
    person: str
    billing: bool
    expires: dt.date | None = None
    until_age: int | None = None
    birth_date: dt.date | None = None

    def holds(self, today: dt.date) -> bool:
        """True if it opens the person's bills on this day.  An age limit without a birth date never holds."""
        if not self.billing or (self.expires is not None and today > self.expires):
            return False
        if self.until_age is None:
            return True
        return self.birth_date is not None and _age(self.birth_date, today) < self.until_age


_OF_PERSON = select(CROSSWALK.c.authority, CROSSWALK.c.number).where(CROSSWALK.c.person == bindparam("person"))
_OF_NUMBER = select(CROSSWALK.c.person).where(
    CROSSWALK.c.authority == bindparam("authority"), CROSSWALK.c.number == bindparam("number")
)
_OF_PROXY = select(PROXIES).where(PROXIES.c.proxy == bindparam("proxy"))


class Crosswalk:
    """The people of the last import."""

    until = math.inf  # what it says holds for as long as a caller is remembered

    def __init__(self, database: Database) -> None:
        self._database = database

    def numbers(self, person: str) -> frozenset[PatientKey]:
        """All the numbers of a person; none for one who is not known."""
        rows = self._rows(_OF_PERSON, person=octets(person))
        return frozenset(PatientKey(authority, text_of(bytes(number))) for authority, number in rows)

    def person(self, key: PatientKey) -> str | None:
        """Whose number it is."""
        rows = self._rows(_OF_NUMBER, authority=key.authority, number=octets(key.value))
        return text_of(bytes(rows[0][0])) if rows else None

    def acts_for(self, proxy: str, today: dt.date) -> frozenset[str]:
        """The people whose bills are open to a proxy today."""
        found = (_proxy(row) for row in self._rows(_OF_PROXY, proxy=octets(proxy)))
        return frozenset(each.person for each in found if each.holds(today))

    def replace(self, people: Iterable[Known], proxies: Iterable[Proxy]) -> None:
        """Let these people and proxies be all that are known: all or nothing."""
        known = [
            {"person": octets(person), "authority": key.authority, "number": octets(key.value)}
            for person, key in people
        ]
        acting = [each._asdict() | {"proxy": octets(each.proxy), "person": octets(each.person)} for each in proxies]
        with self._database.writing() as connection:
            for table, rows in ((CROSSWALK, known), (PROXIES, acting)):
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), rows)

    def _rows(self, statement: Any, **values: Any) -> Sequence[Any]:
        with self._database.reading() as connection:
            return connection.execute(statement, values).all()


def _proxy(row: Any) -> Proxy:
    found = row._asdict()
    return Proxy(**(found | {name: text_of(bytes(found[name])) for name in ("proxy", "person")}))


def _age(born: dt.date, today: dt.date) -> int:
    """Years completed; who was born on 29 February is a year older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
