"""Who asks: the bell, the index of people, and identification, as the settings want them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack, closing

from fhir_facade.bell.bell import Bell
from fhir_facade.desk.finder import Finder
from fhir_facade.guard.caller import ANYBODY, Caller
from fhir_facade.guard.identification import Identification
from fhir_facade.guard.people import People, PersonIndex
from fhir_facade.guard.rate import Counters, Rate
from fhir_facade.hall.exchange import Request
from fhir_facade.mpi import opening as mpi
from fhir_facade.settings.model import Settings
from fhir_facade.state.crosswalk import Crosswalk
from fhir_facade.state.database import Database
from fhir_facade.telemetry.log import event

Identify = Callable[[Request], Caller]
Add = Callable[[str, int, float], int]
Index = Callable[[], PersonIndex]


def bell(settings: Settings, now: Callable[[], dt.datetime], opened: ExitStack) -> Bell | None:
    """What judges tokens; None in mode ``open``, where nobody is asked for one."""
    security = settings.security
    if security.mode == "open":
        return None
    user = (security.client_id, security.client_secret) if security.client_id else None
    bell = Bell(
        security.issuer,
        (security.audience,),
        introspection=user,
        revocation_seconds=security.revocation_seconds,
        event=event,
        now=now,
    )
    return opened.enter_context(closing(bell))


def index(settings: Settings, database: Database, now: Callable[[], dt.datetime], opened: ExitStack) -> Index:
    """Who tells who is who, for each caller: the site's own index where it has one, else what was imported."""
    crosswalk = Crosswalk(database)
    if not settings.people.url:
        return lambda: crosswalk
    return opened.enter_context(closing(mpi.opened(settings, crosswalk.acts_for, event, now))).inquiry


def by_token(settings: Settings, bell: Bell, finder: Finder, index: Index, now: Callable[[], dt.datetime]) -> Identify:
    """Callers are those of whom their tokens tell."""
    means = settings.security.patient_means
    persons = frozenset(each.name for each in finder.sources.values() if each.one_number_is_one_person)

    def people() -> People:
        return People(means, finder.authorities, lambda id: finder.patient("Patient", id), persons, index())

    identification = Identification(bell.claims, people, settings.clients, settings.security, now)
    return lambda request: identification.caller(request.headers.get("authorization", ""))


def without_tokens(_: Request) -> Caller:
    """Anybody."""
    return ANYBODY


def admitted(asks: Identify, settings: Settings, shared: Add, now: Callable[[], dt.datetime]) -> Identify:
    """Callers, each not more often than the site allows."""
    limit = settings.security.requests_per_minute
    if limit is None:
        return asks
    rate = Rate(limit, Counters().add if settings.server.cache == "memory" else shared, now)

    def identify(request: Request) -> Caller:
        caller = asks(request)
        rate.admit(caller)
        return caller

    return identify
