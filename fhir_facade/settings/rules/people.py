"""Rules about the master person index: where it is, who it is told that asks, and what it is asked by."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_facade.settings.faults import Finding
from fhir_facade.settings.model import People, Server
from fhir_facade.settings.rules.site import Site

URL, PERSON_SYSTEM, TIMEOUT = ("people", "url"), ("people", "person_system"), ("people", "timeout_seconds")
MEANS = ("security", "patient_means")
CREDENTIALS = ("token_url", "client_id", "client_secret")

_IDENTIFIER = "identifier:"


def an_index_has_a_url(site: Site) -> Iterator[Finding]:
    """Settings of an index that is not asked would seem to hold."""
    people = site.table("people")
    if people and not people.get("url"):
        yield Finding(URL, "is needed by [people]", 'write for example url = "https://mpi.example.org/fhir"')


def it_is_told_who_asks_in_one_way(site: Site) -> Iterator[Finding]:
    """A token of the settings, or one by client credentials, which are three."""
    people = site.table("people")
    given = [key for key in CREDENTIALS if people.get(key)]
    if people.get("token") and given:
        advice = f"leave out token, or {', '.join(given)}"
        yield Finding(("people", "token"), "cannot be beside client credentials", advice)
    elif given:
        for key in CREDENTIALS:
            if key not in given:
                advice = f"write {key}, or leave out {', '.join(given)}"
                yield Finding(("people", key), f"is needed beside {given[0]}", advice, (("people", given[0]),))


def a_foreign_identifier_is_the_persons(site: Site) -> Iterator[Finding]:
    """Tokens that carry a number of no authority carry the person's id, which the index must know by its system."""
    means = site.table("security").get("patient_means", "local")
    systems = {authority.get("system") for _, authority in site.entries("assigning_authority")}
    system = means.removeprefix(_IDENTIFIER)
    if not site.table("people").get("url") or system in (means, site.table("people").get("person_system"), *systems):
        return
    message = f"must be the system that security.patient_means names ({site.place(MEANS)})"
    yield Finding(PERSON_SYSTEM, message, f'write person_system = "{system}"', (MEANS, ("assigning_authority",)))


def it_answers_within_a_request(site: Site) -> Iterator[Finding]:
    """A caller who is not known yet waits for the index before anything else is asked."""
    deadline = site.table("server").get("deadline_seconds", Server.deadline_seconds)
    if site.table("people").get("timeout_seconds", People.timeout_seconds) > deadline and site.table("people"):
        message = f"must be at most server.deadline_seconds, which is {deadline:g}"
        yield Finding(TIMEOUT, message, f"write timeout_seconds = {deadline:g}", (("server", "deadline_seconds"),))
