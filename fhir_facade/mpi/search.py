"""Who it is, by a search of Patients with an identifier, and of those that the index links to them.

https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/patient.html#links
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from fhir_facade.mpi.found import NOBODY, Found, Source, Systems
from fhir_facade.mpi.kin import Kin
from fhir_facade.mpi.resources import Bundle, Patient, read
from fhir_facade.mpi.server import Server
from fhir_facade.outgoing import Left
from fhir_facade.search.literal import is_id

SEARCH = "Patient/_search"
ROUNDS = 3  # from a record to the one that counts, from there to its others, and one more
MOST = 100  # Patients of one person

Undecided = Callable[[str], None]


class Search:
    """``undecided`` hears why an answer names nobody, or not all; ``today`` is the day on which identifiers hold."""

    def __init__(self, server: Server, systems: Systems, undecided: Undecided, today: Callable[[], dt.date]) -> None:
        self._server, self._systems, self._undecided, self._today = server, systems, undecided, today

    def found(self, source: Source, left: Left) -> Found:
        """The one person that has it.  A Patient that is not active is taken for nobody but whom it was merged into."""
        if not source.system and not is_id(source.value):
            return NOBODY
        matches, others = self._asked(_form(source), left)
        matching = [patient for patient in matches if self._has(patient, source)]
        groups = self._kin(matching, others, left).groups()
        if matching and not groups:
            self._undecided("the Patient with the identifier is not in use")
        if len(groups) > 1:
            self._undecided("several Patients have the identifier, and are not linked")
        return self._person(groups[0]) if len(groups) == 1 else NOBODY

    def probe(self, source: Source, left: Left) -> str:
        self._asked(_form(source), left)
        return ""

    def _person(self, group: Iterable[Patient]) -> Found:
        identifiers = [each for patient in group for each in patient.identifier if each.holds(self._today())]
        return self._systems.found(identifiers, {patient.id for patient in group})

    def _has(self, patient: Patient, source: Source) -> bool:
        """The patient is exact: an index that finds somebody else does not search by what it was given."""
        if not source.system:
            same = patient.id == source.value
            holds = same
        else:
            having = [each for each in patient.identifier if (each.system, each.value) == source]
            same, holds = bool(having), any(each.holds(self._today()) for each in having)
        if not same:
            raise self._server.failed(SEARCH, "found a Patient without the identifier that was searched")
        return holds

    def _kin(self, matching: Iterable[Patient], others: Iterable[Patient], left: Left) -> Kin:
        """The matching Patients and all those linked to them."""
        kin = Kin(self._server.base_url, self._undecided, matching, others)
        for _ in range(ROUNDS):
            wanted = kin.wanted()
            if not wanted:
                return kin
            if len(wanted) > MOST:
                break
            kin.add(wanted, *self._asked({"_id": ",".join(sorted(wanted)), "_count": str(MOST)}, left))
        if kin.wanted():
            raise self._server.failed(SEARCH, "links more Patients than are followed")
        return kin

    def _asked(self, form: dict[str, str], left: Left) -> tuple[list[Patient], list[Patient]]:
        """The Patients that match, and those that came with them."""
        status, body = self._server.search(SEARCH, form, left)
        bundle = read(body, Bundle) if status == 200 else None
        if bundle is None:
            said = f"answered {status}" if status != 200 else "answered 200 without a Bundle of Patients"
            raise self._server.failed(SEARCH, said)
        if any(link.relation == "next" for link in bundle.link):
            raise self._server.failed(SEARCH, "found more Patients than are read")
        patients = [(e.search.mode, e.resource) for e in bundle.entry if e.resource and _is_patient(e.resource)]
        return [p for mode, p in patients if mode == "match"], [p for mode, p in patients if mode != "match"]


def _form(source: Source) -> dict[str, str]:
    return {"identifier": source.token()} if source.system else {"_id": source.value}


def _is_patient(resource: Patient) -> bool:
    return resource.resourceType == "Patient" and is_id(resource.id)
