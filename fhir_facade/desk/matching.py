"""What a search finds in the files it opened: matched, checked, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_facade.desk.finder import Finder
from fhir_facade.desk.former import Former
from fhir_facade.desk.scope import Scope
from fhir_facade.files.patient_file import PatientFile
from fhir_facade.files.resource import Resource
from fhir_facade.guard.decision import Allowed
from fhir_facade.search.query import Query

_KEPT = 16  # searches whose answers are kept with a file


@dataclass(frozen=True)
class Matcher:
    """Matches resources in memory, every criterion on every resource, whatever the source has filtered before."""

    finder: Finder

    def ordered(self, query: Query, allowed: Allowed, scope: Scope, files: Sequence[PatientFile]) -> Sequence[Resource]:
        """All matches in the order that the query asks for.  A search of one file is done once in the file's life."""
        if len(files) != 1 or not query.brief:
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
        found: dict[str, Resource] = {}  # a patient who was merged is in two files
        for file in files:
            criteria = Former(self.finder).criteria(query.type, query.criteria, file)
            for authority in sorted(scope.authorities & file.by_authority.keys()):
                for resource in file.by_authority[authority]:
                    resource.index(codes)
                    if all(c.admits(resource.values(c.code)) for c in criteria) and allowed.admits(resource):
                        found.setdefault(resource.id, resource)
        return query.order.sort(list(found.values()), Resource.values, _id)


def _id(resource: Resource) -> str:
    return resource.id
