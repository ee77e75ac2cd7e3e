"""The composition root: settings become a running facade.  The only place that names concrete classes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import flask

from fhir_facade.audit import opening as audit
from fhir_facade.audit.carrier import Carrier
from fhir_facade.backends import registry
from fhir_facade.backends.port import BillingSystem, Context, SharedStore
from fhir_facade.bell.bell import Bell
from fhir_facade.clock import utcnow
from fhir_facade.desk.finder import Finder
from fhir_facade.desk.matching import Matcher
from fhir_facade.desk.metadata import Metadata, smart_configuration
from fhir_facade.desk.persons import Persons
from fhir_facade.desk.read import Reader
from fhir_facade.desk.search import Searcher
from fhir_facade.desk.visible import Visible
from fhir_facade.door.app import create_app
from fhir_facade.events import Event
from fhir_facade.files.accesses import access_logs
from fhir_facade.files.cabinet import Cabinet
from fhir_facade.files.origin import Origin
from fhir_facade.files.own import own_files
from fhir_facade.files.pantry import Pantry
from fhir_facade.files.patient_file import PatientFile
from fhir_facade.files.rendering import Renderer
from fhir_facade.files.shelf import Shelf
from fhir_facade.files.source import Source
from fhir_facade.guard.caller import ANYBODY, Caller
from fhir_facade.guard.decision import Guard
from fhir_facade.guard.identification import Identification
from fhir_facade.guard.people import People, PersonIndex
from fhir_facade.guard.rate import Counters, Rate
from fhir_facade.hall.exchange import Request
from fhir_facade.hall.hall import Hall, Record
from fhir_facade.hall.outside import Outside, livez, metrics, protected_resource, readyz
from fhir_facade.hall.recording import Recorder
from fhir_facade.hall.routes import Router
from fhir_facade.identity.pages import PageTokens
from fhir_facade.identity.sealing import Sealer
from fhir_facade.identity.subkeys import subkey
from fhir_facade.mappers.table import KIND_OF
from fhir_facade.mpi import opening as mpi
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings, Settings
from fhir_facade.specification.definitions import TYPES as DEFINITIONS
from fhir_facade.specification.statement import declared
from fhir_facade.state.crosswalk import Crosswalk
from fhir_facade.state.database import Database
from fhir_facade.state.numbers import LongNumbers
from fhir_facade.state.page_keys import PageKeys
from fhir_facade.state.redis import RedisStore
from fhir_facade.state.secrets import kept_secret
from fhir_facade.state.sightings import Sightings
from fhir_facade.state.store import DatabaseStore
from fhir_facade.telemetry.log import event
from fhir_facade.telemetry.metrics import METRICS


@dataclass(frozen=True)
class House:
    """A facade, built."""

    app: flask.Flask
    hall: Hall
    cabinet: Cabinet
    finder: Finder
    carrier: Carrier
    opened: ExitStack

    def close(self) -> None:
        """Give back threads and connections."""
        self.opened.close()


Opener = Callable[[BillingSystemSettings, Context], BillingSystem]
Identify = Callable[[Request], Caller]


def _without_tokens(_: Request) -> Caller:
    return ANYBODY


def installed(system: BillingSystemSettings, context: Context) -> BillingSystem:
    """The billing system as its installed backend opens it."""
    return registry.load(system.type).open(system.settings, context)


def build(
    settings: Settings,
    now: Callable[[], dt.datetime] = utcnow,
    opening: Opener = installed,
    identify: Identify | None = None,
) -> House:
    """The facade that ``settings`` describe.  Asks no billing system; what cannot be built leaves nothing open.

    ``identify`` tells who asks, instead of what ``security.mode`` stands for.
    """
    with ExitStack() as opened:
        return _built(settings, now, opening, identify, opened)


def _built(
    settings: Settings, now: Callable[[], dt.datetime], opening: Opener, identify: Identify | None, opened: ExitStack
) -> House:
    database = opened.enter_context(closing(Database(settings.server.state)))
    database.create()
    keys = _keys(settings, database)
    released = {authority.id: authority for authority in settings.released()}
    sealer = Sealer(keys, [authority.id for authority in settings.authorities], LongNumbers(database))
    renderer = Renderer(sealer, settings.server.base_url, Sightings(database), event)
    store = _store(settings, database, opened)
    carrier, trail = opened.enter_context(audit.carrier(settings.audit, database, now, event))
    sources: dict[str, Origin] = {
        **_sources(settings, released, lambda name: Context(name, store, now, event), opening, opened),
        **access_logs(released.values(), trail, carrier.carry, opened),
    }
    shelf = Shelf(settings.server.cache_megabytes)
    deadline = settings.server.deadline_seconds
    pantry = None if settings.server.cache == "memory" else Pantry(store, subkey(keys[0], "pantry", 32), deadline)
    cabinet = Cabinet(sources, renderer, shelf, deadline, event, now, pantry)
    METRICS.files_weigh(lambda: shelf.bytes)
    event(Event.SETTINGS_LOADED, digest=settings.digest)
    own = own_files(released.values(), renderer, now())
    finder = Finder(released, sources, sealer, settings.server.base_url, deadline)
    bell = _bell(settings, now, opened)
    index = _index(settings, database, now, opened)
    asks = identify or (_without_tokens if bell is None else _by_token(settings, bell, finder, index, now))
    if settings.security.requests_per_minute is not None:
        add = Counters().add if settings.server.cache == "memory" else store.add
        asks = _admitted(asks, Rate(settings.security.requests_per_minute, add, now))
    record = Recorder(carrier.append, now).record
    hall = _hall(settings, finder, cabinet, own, PageTokens(keys, PageKeys(database)), asks, bell, record)
    pages = {"livez": livez, "readyz": readyz(database.ping, settings.digest), "metrics": metrics(METRICS.exposition)}
    if bell is not None:
        place = f".well-known/oauth-protected-resource{urlsplit(settings.server.base_url).path}"
        pages[place] = protected_resource(settings.server.base_url, settings.security.issuer)
    app = create_app(hall.answer, Outside(pages, event).answer, settings.server.base_url)
    return House(app, hall, cabinet, finder, carrier, opened.pop_all())


def _bell(settings: Settings, now: Callable[[], dt.datetime], opened: ExitStack) -> Bell | None:
    """What judges tokens; None in mode ``open``, where nobody is asked for one."""
    security = settings.security
    if security.mode == "open":
        return None
    bell = Bell(
        security.issuer,
        (security.audience,),
        introspection=security.introspection,
        revocation_seconds=security.revocation_seconds,
        event=event,
        now=now,
    )
    return opened.enter_context(closing(bell))


def _index(
    settings: Settings, database: Database, now: Callable[[], dt.datetime], opened: ExitStack
) -> Callable[[], PersonIndex]:
    """Who tells who is who, for each caller: the site's own index where it has one, else what was imported."""
    crosswalk = Crosswalk(database)
    if not settings.people.url:
        return lambda: crosswalk
    return opened.enter_context(closing(mpi.opened(settings, crosswalk.acts_for, event, now))).inquiry


def _by_token(
    settings: Settings, bell: Bell, finder: Finder, index: Callable[[], PersonIndex], now: Callable[[], dt.datetime]
) -> Identify:
    means = settings.security.patient_means
    persons = frozenset(each.name for each in finder.sources.values() if each.one_number_is_one_person)

    def people() -> People:
        return People(means, finder.authorities, lambda id: finder.patient("Patient", id), persons, index())

    identification = Identification(bell.claims, people, settings.clients, settings.security, now)
    return lambda request: identification.caller(request.headers.get("authorization", ""))


def _admitted(asks: Identify, rate: Rate) -> Identify:
    def identify(request: Request) -> Caller:
        caller = asks(request)
        rate.admit(caller)
        return caller

    return identify


def _keys(settings: Settings, database: Database) -> list[bytes]:
    """Secrets for ids and page links, newest first; one is made and kept where the site gives none."""
    given = settings.server.id_key
    return [value.encode() for value in given.values] if given else [kept_secret(database, "id_key")]


def _store(settings: Settings, database: Database, opened: ExitStack) -> SharedStore:
    cache = settings.server.cache
    return DatabaseStore(database) if cache == "memory" else opened.enter_context(closing(RedisStore(cache)))


def _sources(
    settings: Settings,
    released: Mapping[str, AssigningAuthority],
    context: Callable[[str], Context],
    opening: Opener,
    opened: ExitStack,
) -> dict[str, Source]:
    sources = {}
    for system in settings.billing_systems:
        authorities = [each for each in released.values() if each.billing_system == system.name]
        if authorities:
            source = Source(system, opening(system, context(system.name)), authorities)
            sources[system.name] = opened.enter_context(closing(source))
    return sources


def _hall(
    settings: Settings,
    finder: Finder,
    cabinet: Cabinet,
    own: Mapping[str, PatientFile],
    pages: PageTokens,
    identify: Identify,
    bell: Bell | None,
    record: Record,
) -> Hall:
    base_url = settings.server.base_url
    kinds = {kind for origin in cabinet.sources.values() for kind in origin.kinds}
    offered = {"Organization", *DEFINITIONS, *(type for type, kind in KIND_OF.items() if kind in kinds)}
    guard = Guard(finder.authorities.values(), base_url)
    visible, persons = Visible(guard, finder, cabinet), Persons(finder, cabinet)
    return Hall(
        router=Router({type: interactions for type, interactions in declared().items() if type in offered}),
        reader=Reader(guard, finder, cabinet, own, visible, persons),
        searcher=Searcher(guard, finder, Matcher(finder), cabinet, pages, own, visible, persons, base_url),
        metadata=Metadata(base_url, offered, None if bell is None else bell.glance),
        smart=None if bell is None else lambda: smart_configuration(bell.discovery()),
        identify=identify,
        record=record,
        event=event,
    )
