"""Places and practitioners that a caller who is bound to patients sees: those that a record they see refers to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fhir_facade.desk.finder import Finder
from fhir_facade.errors import Forbidden
from fhir_facade.files.cabinet import Cabinet
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Guard
from fhir_facade.keys import PatientKey
from fhir_facade.search.reference import ids
from fhir_facade.specification.access import rules


@dataclass(frozen=True)
class Visible:
    """Narrows what belongs to nobody to what is referred to (``referenced_by`` in ``capability/access.json``)."""

    guard: Guard
    finder: Finder
    cabinet: Cabinet

    def narrows(self, type: str, allowed: Allowed) -> bool:
        """True if not all that ``allowed`` admits of a type is visible."""
        return bool(rules()[type].referenced_by) and allowed.patients is not None

    def among(self, found: Sequence[Resource], type: str, caller: Caller, allowed: Allowed) -> Sequence[Resource]:
        """Those of ``found`` that are visible.  Raises the ``SourceError`` of a billing system that cannot tell.

        It is asked where nothing was found, too: how a search fails does not tell what it would have found.
        """
        if not self.narrows(type, allowed):
            return found
        named = set(self._named(type, caller, allowed.patients or frozenset()))
        return [resource for resource in found if resource.id in named]

    def _named(self, type: str, caller: Caller, patients: Iterable[PatientKey]) -> Iterable[str]:
        for referring, codes in rules()[type].referenced_by.items():
            for resource in self._records(referring, caller, patients):
                for code in codes:
                    yield from ids(resource.values(code), type)

    def _records(self, type: str, caller: Caller, patients: Iterable[PatientKey]) -> Iterable[Resource]:
        """The patients' records of a type that the caller may read or search."""
        decided, able = list(self._decided(caller, type)), self.finder.able[type]
        keys = [key for key in sorted(patients) if key.authority in able and any(each.names(key) for each in decided)]
        opening = self.cabinet.open(dict.fromkeys(self.finder.file(type, key) for key in keys))
        for failure in opening.failures.values():
            raise failure
        for resource in (each for file in opening.files for each in file.by_id.values()):
            if any(allowed.admits(resource) for allowed in decided):
                yield resource

    def _decided(self, caller: Caller, type: str) -> Iterable[Allowed]:
        for letter in "rs":
            with suppress(Forbidden):
                yield self.guard.decide(caller, type, letter)
