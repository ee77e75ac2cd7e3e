"""What a search finds in the files it opened: matched, checked, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_facade.desk.finder import Finder
from fhir_facade.desk.scope import Scope
from fhir_facade.files.patient_file import PatientFile
from fhir_facade.files.resource import Resource
from fhir_facade.guard.decision import Allowed
from fhir_facade.keys import PatientKey
from fhir_facade.search.query import Criterion, Query
from fhir_facade.specification.access import rules

_KEPT = 16  # searches whose answers are kept with a file


@dataclass(frozen=True)
class Matcher:
    """Matches resources in memory, every criterion on every resource, whatever the source has filtered before."""

    finder: Finder

    def ordered(self, query: Query, allowed: Allowed, scope: Scope, files: Sequence[PatientFile]) -> Sequence[Resource]:
        """All matches in the order that the query asks for.  A search of one file is done once in the file's life."""
        if len(files) != 1:
            return self._ordered(query, allowed, scope, files)
        asked, answers = (query, allowed), files[0].answers
        found = answers.get(asked)
        if found is None:
            found = self._ordered(query, allowed, scope, files)
            if len(answers) < _KEPT:
                answers[asked] = found
        return found

    def _ordered(self, query: Query, allowed: Allowed, scope: Scope, files: Sequence[PatientFile]) -> list[Resource]:
        codes = {criterion.code for criterion in query.criteria} | set(query.order.codes)
        found = []
        for file in files:
            criteria = self._criteria(query, file)
            for authority in sorted(scope.authorities & file.by_authority.keys()):
                for resource in file.by_authority[authority]:
                    resource.index(codes)
                    if all(c.admits(resource.values(c.code)) for c in criteria) and allowed.admits(resource):
                        found.append(resource)
        return query.order.sort(found, Resource.values, _id)

    def _criteria(self, query: Query, file: PatientFile) -> Sequence[Criterion]:
        """A patient's number before a merge, and an id before an exchange of keys, mean the patient as of now, too."""
        named_by = rules()[query.type].named_by
        named = [reference for c in query.criteria if c.code in named_by for reference in c.references]
        if file.number == file.key.patient and not any(map(self.finder.outdated, named)):
            return query.criteria
        return [self._as_of_now(c, file) if c.code in named_by else c for c in query.criteria]

    def _as_of_now(self, criterion: Criterion, file: PatientFile) -> Criterion:
        named = {key for each in criterion.references for key in self.finder.referenced(each, ("Patient",))}
        now = (PatientKey(key.authority, file.number) for key in named if key.value == file.key.patient)
        return criterion.with_references(f"Patient/{self.finder.ids.patient(key)}" for key in now)


def _id(resource: Resource) -> str:
    return resource.id
