"""What house and crew stand on: the state database, the shared store, and billing systems that are installed."""

from __future__ import annotations

from contextlib import ExitStack, closing

from fhir_facade.backends import registry
from fhir_facade.backends.port import BillingSystem, Context, SharedStore
from fhir_facade.events import Event
from fhir_facade.settings.model import BillingSystemSettings, Settings
from fhir_facade.state.database import Database
from fhir_facade.state.redis import RedisStore
from fhir_facade.state.schema import NEEDED
from fhir_facade.state.store import DatabaseStore
from fhir_facade.telemetry.log import event


def installed(system: BillingSystemSettings, context: Context) -> BillingSystem:
    """The billing system as its installed backend opens it."""
    return registry.load(system.type).open(system.settings, context)


def state(settings: Settings, opened: ExitStack) -> Database:
    """The state database, in the form that this version needs.  ``SchemaMismatch`` where a shared one has not."""
    database = opened.enter_context(closing(Database(settings.server.state)))
    if database.ready():
        event(Event.STATE_MIGRATED, version=NEEDED)
    return database


def store(settings: Settings, database: Database, opened: ExitStack) -> SharedStore:
    """What processes and machines share: Redis where the site has it, else the state database."""
    cache = settings.server.cache
    return DatabaseStore(database) if cache == "memory" else opened.enter_context(closing(RedisStore(cache)))
