"""What fhir-contract.md promises each caller, worked out from §1, §3, §5 and §7 in the plainest way; slow on purpose.

It reads nothing of ``capability/`` and nothing of the guard's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fhir_facade.keys import PatientKey
from tests.api.matrix.callers import EVERY, Scope, Who
from tests.api.matrix.world import Fact, facts

BILLS = frozenset({"Invoice", "Account", "PaymentNotice"})
SUPPORT = frozenset({"Patient", "Organization", "Location", "Practitioner"})
ALL = BILLS | SUPPORT | {"Appointment"}
HAVE_A_STATUS = BILLS | {"Appointment", "Location"}  # http://hl7.org/fhir/R4/searchparameter-registry.html

# §3, authority by authority: what exists there at all.
EXISTS: dict[str, frozenset[str]] = {
    "riverside": ALL,
    "lakeside": ALL,
    "harbor": frozenset(),
    "clinic": ALL,
    "viewless": SUPPORT | {"Appointment"},
    "visitless": SUPPORT | BILLS,
    "unpending": ALL,
    "shut": frozenset(),
}
WITHOUT_DRAFTS = frozenset({"unpending"})

# Which of a client's features open a type; the other types are open with any.
OPENED_BY = dict.fromkeys(BILLS, frozenset({"view"})) | {"Appointment": frozenset({"view", "appointments"})}
NAMED_BY = {"Location": ("Appointment",), "Practitioner": ("Invoice", "Appointment")}


@cache
def forbidden(who: Who, type: str, letter: str) -> bool:
    """§5: 403, decided before any id is looked at."""
    if who.client is not None and not who.client.features & OPENED_BY.get(type, who.client.features - {"pending"}):
        return True
    return not any(_counting(who, type, letter))


@cache
def sees(who: Who, fact: Fact, letter: str) -> bool:
    """True if the caller may read (r) or find (s) it; False is 404, or an empty Bundle."""
    if forbidden(who, fact.type, letter) or not _exists(who, fact):
        return False
    return any(_opens(scope, who, fact) for scope in _counting(who, fact.type, letter))


def _counting(who: Who, type: str, letter: str) -> Iterator[Scope]:
    """The scopes that are for the type and the letter, of callers whose they can be, and which can be evaluated."""
    for scope in who.scopes:
        if letter not in scope.letters or scope.type not in (type, EVERY):
            continue
        if scope.only and type not in HAVE_A_STATUS:
            continue
        if who.client if scope.level == "system" else who.people:
            yield scope


def _exists(who: Who, fact: Fact) -> bool:
    """Whether it is there for this caller's client at all."""
    if fact not in facts(fact.type) or fact.type not in EXISTS[fact.authority]:
        return False
    if fact.status == "draft" and fact.authority in WITHOUT_DRAFTS:
        return False
    if who.client is None:
        return True
    if fact.authority not in who.client.authorities:
        return False
    return fact.status != "draft" or "pending" in who.client.features


def _opens(scope: Scope, who: Who, fact: Fact) -> bool:
    if scope.only and fact.status != scope.only:
        return False
    if scope.level == "system":
        return True
    if fact.patient:
        return (fact.authority, fact.patient) in who.people
    if fact.type == "Organization":
        return fact.authority in {key.authority for key in who.people}
    return _is_named(who, fact)


def _is_named(who: Who, fact: Fact) -> bool:
    """§7: support types are narrowed to what visible records reference."""
    naming = [each for type in NAMED_BY[fact.type] for each in facts(type) if each.authority == fact.authority]
    return any(
        (fact.type, fact.number) in each.names and (sees(who, each, "r") or sees(who, each, "s")) for each in naming
    )


def may_be_told(who: Who, key: PatientKey) -> bool:
    """True if answers to the caller may mention the patient, and the authority that knows them."""
    if not EXISTS[key.authority] or (who.client is not None and key.authority not in who.client.authorities):
        return False
    by_itself = who.client is not None and any(scope.level == "system" for scope in who.scopes)
    return by_itself or key in who.people
