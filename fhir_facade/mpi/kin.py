"""Which of the index's Patients are one person, as far as their links say.  https://hl7.org/fhir/R4/patient.html#links

``refer`` and ``seealso`` are the index's own word that two records in use are one person's.  ``replaced-by`` is a
merge, which is followed only where family name and birth date agree; otherwise it is an operator's task.  ``replaces``
leads to records that are not in use any more, from which nothing is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from fhir_facade.mpi.resources import Link, Patient
from fhir_facade.search import literal

SAME, MERGED = ("refer", "seealso"), "replaced-by"


class Kin:
    """``matching`` Patients and those that can be reached from them; ``others`` came with them."""

    def __init__(
        self,
        base_url: str,
        undecided: Callable[[str], None],
        matching: Iterable[Patient],
        others: Iterable[Patient],
    ) -> None:
        self._base_url, self._undecided = base_url, undecided
        self._matching = {patient.id: patient for patient in matching}
        self._known = {patient.id: patient for patient in others} | self._matching
        self._missing: set[str] = set()

    def wanted(self) -> set[str]:
        """The Patients to ask for: linked to those that are known, and not known themselves."""
        reached = self._reached()
        return {id for each in reached for id in self._linked(self._known[each])} - self._known.keys() - self._missing

    def add(self, asked: Collection[str], matches: Iterable[Patient], others: Iterable[Patient]) -> None:
        """What came of those asked for; one that is not given is not asked for again."""
        self._known |= {patient.id: patient for patient in (*others, *matches)}
        missing = set(asked) - self._known.keys()
        if missing:
            self._undecided("a Patient that is linked was not given")
        self._missing |= missing

    def groups(self) -> list[list[Patient]]:
        """The Patients in use of each person that any of the matching ones is of."""
        found, seen = [], set[str]()
        neighbours = self._neighbours()
        if any(self._refused(self._known[id]) for id in self._reached()):
            self._undecided("a merge is not followed, whose family names or birth dates differ")
        for id in self._matching:
            if id not in seen:
                group = _closure({id}, lambda each: neighbours.get(each, ()))
                seen |= group
                if active := [self._known[each] for each in sorted(group) if self._known[each].active]:
                    found.append(active)
        return found

    def _reached(self) -> set[str]:
        return _closure(self._matching, lambda id: self._followed(self._known[id]))

    def _neighbours(self) -> dict[str, set[str]]:
        """A link joins both of its ends, whichever has it."""
        joined: dict[str, set[str]] = {}
        for id in self._reached():
            for other in self._followed(self._known[id]):
                joined.setdefault(id, set()).add(other)
                joined.setdefault(other, set()).add(id)
        return joined

    def _followed(self, patient: Patient) -> Iterator[str]:
        """The known Patients that are the same person as this one."""
        for link in _telling(patient):
            other = self._known.get(self._id(link) or "")
            if other is not None and (link.type in SAME or patient.agrees(other)):
                yield other.id

    def _refused(self, patient: Patient) -> bool:
        """True if it was merged into a known Patient who seems to be somebody else."""
        merged = (self._known.get(self._id(link) or "") for link in patient.link if link.type == MERGED)
        return any(other is not None and not patient.agrees(other) for other in merged)

    def _linked(self, patient: Patient) -> Iterator[str]:
        return (id for link in _telling(patient) if (id := self._id(link)) is not None)

    def _id(self, link: Link) -> str | None:
        """The id of the Patient of this index that a link leads to."""
        found = literal.read(link.other.reference)
        if found is None or found.type != "Patient" or found.base not in ("", self._base_url):
            return None
        return found.id


def _telling(patient: Patient) -> Iterator[Link]:
    """The links that say who a Patient is: of one that is not in use, only into what it was merged."""
    return (link for link in patient.link if link.type == MERGED or (patient.active and link.type in SAME))


def _closure(start: Collection[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    reached, todo = set(start), list(start)
    while todo:
        new = set(neighbours(todo.pop())) - reached
        reached |= new
        todo.extend(new)
    return reached
