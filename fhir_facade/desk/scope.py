"""Which authorities and patients a search concerns, and so which files it opens: decided before they are opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from fhir_facade.desk.finder import Finder
from fhir_facade.errors import Invalid
from fhir_facade.files.patient_file import FileKey
from fhir_facade.guard.decision import Allowed
from fhir_facade.keys import PatientKey
from fhir_facade.mappers.table import KIND_OF
from fhir_facade.search.query import Criterion, Query
from fhir_facade.specification.access import Access, personal_types, rules

_TOO_MANY = "Name fewer patients: a billing system concerned cannot be asked for so many at once."
_TOO_COSTLY = "Name a patient (patient, identifier or _id): not every billing system concerned can search without one."


@dataclass(frozen=True)
class Scope:
    """The authorities whose resources count, the files that hold them, and authorities that cannot answer at all.

    ``patients`` are those that the search is confined to, whether or not they have anything; empty for no such bounds.
    ``located``: they are those of whom a billing system says that they have the record; where nothing is found in
    their files, that there are any is not the caller's to know.
    """

    authorities: frozenset[str]
    files: tuple[FileKey, ...]
    unable: frozenset[str] = frozenset()
    located: bool = False
    patients: frozenset[PatientKey] = frozenset()


def scope(query: Query, allowed: Allowed, finder: Finder) -> Scope:
    """The scope of a search; ``Invalid`` (too-costly) where it names no patient and a source cannot scan."""
    return (_worked_out if query.brief and not _asks_a_source(query) else _found_out)(query, allowed, finder)


def _asks_a_source(query: Query) -> bool:
    return query.type != "Patient" and any(criterion.code == "identifier" for criterion in query.criteria)


def _found_out(query: Query, allowed: Allowed, finder: Finder) -> Scope:
    rule = rules()[query.type]
    concerned = _authorities(query, allowed, rule, finder)
    if not rule.personal:
        able = concerned & finder.able[query.type]
        return Scope(able, _reference_files(query.type, able, finder), concerned - able)
    patients = _common([allowed.patients, *(_named(query.type, c, rule, concerned, finder) for c in query.criteria)])
    if patients is not None:
        concerned &= {key.authority for key in patients}
    able = concerned & finder.able[query.type]
    located = patients is None and _asks_a_source(query)
    if located:
        patients = _common(_located(query.type, criterion, able, finder) for criterion in query.criteria)
    files = _scans(query.type, able, finder) if patients is None else _files(query.type, patients, able, finder)
    return Scope(able, files, concerned - able, located, patients or frozenset())


# The same query of the same caller concerns the same files: ids and settings do not change while the house stands.
_worked_out = lru_cache(maxsize=4096)(_found_out)


def _files(
    type: str, patients: frozenset[PatientKey], authorities: frozenset[str], finder: Finder
) -> tuple[FileKey, ...]:
    keys = {finder.file(type, key): None for key in sorted(patients) if key.authority in authorities}
    for system, files in Counter(key.billing_system for key in keys).items():
        if files > finder.sources[system].settings.calls_in_flight:
            raise Invalid(_TOO_MANY, code="too-costly")
    return tuple(keys)


def _common(named: Iterable[frozenset[PatientKey] | None]) -> frozenset[PatientKey] | None:
    """Who is in all of these; None where none of them confines to anybody."""
    confining = [keys for keys in named if keys is not None]
    return frozenset.intersection(*confining) if confining else None


def _authorities(query: Query, allowed: Allowed, rule: Access, finder: Finder) -> frozenset[str]:
    left = allowed.authorities
    for criterion in query.criteria:
        if criterion.code not in rule.authority or criterion.modifier == "missing" or _open(criterion):
            continue
        named = {reference.removeprefix("Organization/") for reference in criterion.references}
        systems = {value for _, value in criterion.tokens}
        left = frozenset(a for a in left if a in named or finder.authorities[a].system in systems)
    return left


def _open(criterion: Criterion) -> bool:
    """True if a criterion names nothing in particular (``identifier=system|``, ``identifier:text=x``)."""
    return not criterion.references and not (criterion.tokens and all(value for _, value in criterion.tokens))


def _named(
    type: str, criterion: Criterion, rule: Access, authorities: frozenset[str], finder: Finder
) -> frozenset[PatientKey] | None:
    """The patients that a criterion confines the search to, or None where it confines to none."""
    if criterion.modifier in ("missing", "not") or _open(criterion):
        return None
    if criterion.code == "_id":
        return _union(finder.referenced(f"{type}/{id}", (type,)) for _, id in criterion.tokens)
    if criterion.code == "identifier" and type == "Patient":
        return _union(finder.numbered(token, authorities) for token in criterion.tokens)
    if criterion.code in rule.named_by:
        if criterion.tokens:
            return _union(finder.numbered(token, authorities) for token in criterion.tokens)
        return _referenced(criterion, ("Patient",), finder)
    if criterion.code in rule.through and criterion.references:
        return _referenced(criterion, personal_types(), finder)
    return None


def _union(found: Iterable[set[PatientKey]]) -> frozenset[PatientKey]:
    return frozenset(key for keys in found for key in keys)


def _referenced(criterion: Criterion, types: tuple[str, ...], finder: Finder) -> frozenset[PatientKey] | None:
    if not criterion.references or any(finder.belongs_to_nobody(reference) for reference in criterion.references):
        return None
    return _union(finder.referenced(reference, types) for reference in criterion.references)


def _located(
    type: str, criterion: Criterion, authorities: frozenset[str], finder: Finder
) -> frozenset[PatientKey] | None:
    """Whose the record is that an ``identifier`` names: a question to the sources, where nothing else names anybody."""
    if criterion.code != "identifier" or criterion.modifier in ("missing", "not") or _open(criterion):
        return None
    found = [finder.located(type, token, sorted(authorities)) for token in criterion.tokens]
    if any(keys is None for keys in found):
        return None
    return _union(keys for keys in found if keys is not None)


def _reference_files(type: str, authorities: frozenset[str], finder: Finder) -> tuple[FileKey, ...]:
    systems = sorted({finder.authorities[name].billing_system for name in authorities})
    return tuple(FileKey(system, KIND_OF[type]) for system in systems)


def _scans(type: str, authorities: frozenset[str], finder: Finder) -> tuple[FileKey, ...]:
    kind = KIND_OF[type]
    origins = {finder.source(kind, finder.authorities[name]) for name in authorities}
    if not all(origin.scans() for origin in origins):
        raise Invalid(_TOO_COSTLY, code="too-costly")
    return tuple(FileKey(name, kind) for name in sorted(origin.name for origin in origins))
