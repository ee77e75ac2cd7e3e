"""The index that the settings name, made ready to be asked, and tried."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Mapping

from fhir_facade import outgoing
from fhir_facade.backends.port import EventLog, Probe, unheard
from fhir_facade.clock import utcnow
from fhir_facade.endpoints import Endpoints
from fhir_facade.errors import PeopleUnavailable
from fhir_facade.events import Event
from fhir_facade.mpi.answers import Answers
from fhir_facade.mpi.authorization import Authorization, ClientCredentials, Given
from fhir_facade.mpi.found import Source, Systems
from fhir_facade.mpi.index import ActsFor, Index
from fhir_facade.mpi.pix import OPERATION, Pix
from fhir_facade.mpi.search import SEARCH, Search
from fhir_facade.mpi.server import CALLS_IN_FLIGHT, Server
from fhir_facade.outgoing import countdown
from fhir_facade.settings.model import AssigningAuthority, People, Settings

LOOKUPS: Mapping[str, type[Search] | type[Pix]] = {"search": Search, "ihe-pix": Pix}
ENDPOINTS = {"search": SEARCH, "ihe-pix": OPERATION}


def opened(settings: Settings, acts_for: ActsFor, event: EventLog, now: Callable[[], dt.datetime] = utcnow) -> Index:
    """The index of ``[people]``, in front of the proxies that ``acts_for`` tells.  Nothing is asked yet."""
    people = settings.people

    def clock() -> float:
        return now().timestamp()

    def undecided(said: str) -> None:
        event(Event.PEOPLE_UNDECIDED, said=said)

    session = outgoing.session(people.url, CALLS_IN_FLIGHT)
    endpoints = Endpoints(session, PeopleUnavailable, Event.PEOPLE_FAILED, clock=clock, event=event)
    server = Server(people.url.rstrip("/"), endpoints, _authorization(people, endpoints, clock))
    systems = _systems(people, settings.released())
    lookup = LOOKUPS[people.how](server, systems, undecided, lambda: now().date())
    answers = Answers(people.seconds, clock)
    return Index(server, lookup, systems, answers, acts_for, undecided, people.timeout_seconds)


def tried(settings: Settings) -> Iterator[Probe]:
    """A line for each identifier system that the index is asked by: it is asked for a number that nobody has."""
    if not settings.people.url:
        return
    index = opened(settings, lambda proxy, today: frozenset(), unheard)
    endpoint = ENDPOINTS[settings.people.how]
    for system in dict.fromkeys((index.systems.person, *index.systems.authorities)):
        try:
            wrong = index.lookup.probe(Source(system, secrets.token_hex(16)), countdown(index.seconds))
        except PeopleUnavailable as failure:
            yield Probe(endpoint, "unreachable", str(failure))
            break
        yield Probe(endpoint, "misconfigured" if wrong else "ok", wrong or system or "the index's own ids")
    index.close()


def _systems(people: People, released: tuple[AssigningAuthority, ...]) -> Systems:
    return Systems(people.person_system, {authority.system: authority.id for authority in released})


def _authorization(people: People, endpoints: Endpoints, clock: Callable[[], float]) -> Authorization:
    if not people.token_url:
        return Given(people.token)
    user = (people.client_id, people.client_secret)
    return ClientCredentials(endpoints, people.token_url, user, people.scope, clock)
