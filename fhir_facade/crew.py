"""Settings become those who carry payments: the composition root of workers and of operators' commands.

Every billing system and every gateway that the settings name is opened, those that are switched off, too: what was
captured is carried until nothing is left (production-rules.md F6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from fhir_facade import ground
from fhir_facade.backends.port import BillingSystem, Context
from fhir_facade.backends.posting import Poster
from fhir_facade.clock import utcnow
from fhir_facade.gateways.port import Gateway, GatewayContext
from fhir_facade.ground import installed
from fhir_facade.payments.engine import Engine
from fhir_facade.payments.pace import Pace
from fhir_facade.payments.results import apply
from fhir_facade.payments.sweeping import Sweeping
from fhir_facade.payments.watching import Watching
from fhir_facade.payments.worker import Worker
from fhir_facade.payments.workshop import Workshop
from fhir_facade.settings.model import BillingSystemSettings, Settings
from fhir_facade.settings.model import Gateway as GatewaySettings
from fhir_facade.state.ledger import Ledger
from fhir_facade.state.standing import Standing
from fhir_facade.telemetry.log import event

Opener = Callable[[BillingSystemSettings, Context], BillingSystem]
OpenGateway = Callable[[GatewaySettings, GatewayContext], Gateway | None]
Now = Callable[[], dt.datetime]


def none_installed(_: GatewaySettings, __: GatewayContext) -> None:
    """No gateway."""


@dataclass(frozen=True)
class Crew:
    """What payments are carried with, and by whom."""

    shop: Workshop

    def worker(self) -> Worker:
        """A worker with a name of its own."""
        watching = Watching(self.shop)
        chores = (Sweeping(self.shop).chore, watching.stuck, watching.given_back)
        return Worker(Engine(self.shop), self.shop.ledger, self.shop.pace, self.shop.event, chores)


@contextmanager
def crew(
    settings: Settings,
    *,
    now: Now = utcnow,
    pace: Pace | None = None,
    opening: Opener = installed,
    open_gateway: OpenGateway = none_installed,
) -> Iterator[Crew]:
    """Those who carry the payments of a site; closed afterwards.  Asks nobody."""
    with ExitStack() as opened:
        database = ground.state(settings, opened)
        store = ground.store(settings, database, opened)
        shop = Workshop(
            ledger=Ledger(database, now),
            standing=Standing(database),
            store=store,
            posters=_posters(settings, lambda name: Context(name, store, now, event), opening, opened),
            gateways=_gateways(settings, lambda name: GatewayContext(name, store, now, event), open_gateway, opened),
            apply=apply,
            now=now,
            terms={authority.id: authority.posting for authority in settings.authorities},
            event=event,
            pace=pace or Pace(),
        )
        yield Crew(shop)


def _posters(
    settings: Settings, context: Callable[[str], Context], opening: Opener, opened: ExitStack
) -> Mapping[str, Poster]:
    found = {}
    for system in settings.billing_systems:
        backend = opened.enter_context(closing(opening(system, context(system.name))))
        poster = _poster(backend)
        if poster is not None:
            found[system.name] = poster
    return found


def _poster(backend: BillingSystem) -> Poster | None:
    """A backend that is told of payments is a ``Poster``, or has one."""
    if isinstance(backend, Poster):
        return backend
    own = getattr(backend, "poster", None)
    found = own() if callable(own) else None
    return found if isinstance(found, Poster) else None


def _gateways(
    settings: Settings, context: Callable[[str], GatewayContext], open_gateway: OpenGateway, opened: ExitStack
) -> Mapping[str, Gateway]:
    found = {}
    for each in settings.gateways:
        gateway = open_gateway(each, context(each.name))
        if gateway is not None:
            found[each.name] = opened.enter_context(closing(gateway))
    return found
