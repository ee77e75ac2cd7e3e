"""The master person index as the guard asks it: people and numbers from the index, proxies from the state database."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

from fhir_facade.keys import PatientKey
from fhir_facade.mpi.answers import Answers
from fhir_facade.mpi.found import NOBODY, Found, Lookup, Source, Systems
from fhir_facade.mpi.server import Server
from fhir_facade.outgoing import countdown

ActsFor = Callable[[str, dt.date], frozenset[str]]
Undecided = Callable[[str], None]


class Index:
    """``seconds``: how long all that is asked for one caller may take."""

    def __init__(
        self,
        server: Server,
        lookup: Lookup,
        systems: Systems,
        answers: Answers,
        acts_for: ActsFor,
        undecided: Undecided,
        seconds: float,
    ) -> None:
        self.server, self.lookup, self.systems, self.answers = server, lookup, systems, answers
        self.acts_for, self.undecided, self.seconds = acts_for, undecided, seconds

    def inquiry(self) -> Inquiry:
        """The index for one caller, from now on."""
        return Inquiry(self)

    def close(self) -> None:
        """Close every connection."""
        self.server.close()


class Inquiry:
    """A ``PersonIndex``.  ``until``: when the first of what was answered ends to hold, in seconds of the epoch."""

    def __init__(self, index: Index) -> None:
        self._index, self._left, self.until = index, countdown(index.seconds), math.inf
        self._persons: dict[Source, Found] = {}  # whose number was asked for, by the one id they have

    def numbers(self, person: str) -> frozenset[PatientKey]:
        """All the numbers of a person at released authorities; none for one who is not known."""
        return self._found(Source(self._index.systems.person, person)).numbers

    def person(self, key: PatientKey) -> str | None:
        """Whose number it is; nobody's where several ids of people fit.

        Where these are the ids of the index's own Patients, one person may have some, and is known by the first.
        """
        source = self._index.systems.of(key)
        found = NOBODY if source is None else self._found(source)
        if self._index.systems.person and len(found.ids) > 1:
            self._index.undecided("one person has several ids")
            return None
        person = min(found.ids, default=None)
        if person is not None:
            self._persons[Source(self._index.systems.person, person)] = found
        return person

    def acts_for(self, proxy: str, today: dt.date) -> frozenset[str]:
        """The people whose bills are open to a proxy today."""
        return self._index.acts_for(proxy, today)

    def _found(self, source: Source) -> Found:
        """For this caller, whoever has a number is who it says; others who name the same id have the index asked."""
        if source in self._persons:
            return self._persons[source]
        index = self._index
        kept = index.answers.get(source, lambda: index.lookup.found(source, self._left), self._left)
        self.until = min(self.until, kept.until)
        return kept.found
