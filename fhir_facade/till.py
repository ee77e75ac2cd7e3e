"""The till: gateways, the ledger, and what is done with payments, as the settings want them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from fhir_facade.backends.port import SharedStore
from fhir_facade.desk.aim import Aiming
from fhir_facade.desk.finder import Finder
from fhir_facade.desk.paying import Paying
from fhir_facade.desk.recording import Recording
from fhir_facade.desk.voiding import Voiding
from fhir_facade.files.cabinet import Cabinet
from fhir_facade.files.news import News
from fhir_facade.files.shelf import OF_MONEY, Shelf
from fhir_facade.gateways.port import Gateway, GatewayContext
from fhir_facade.guard.decision import Guard
from fhir_facade.hall.hall import Operating
from fhir_facade.hall.outside import Mailbox, notifications
from fhir_facade.identity.payments import PaymentIds
from fhir_facade.identity.subkeys import Secret
from fhir_facade.payments.notifications import Notifications
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.sessions import Sessions
from fhir_facade.records import Kind
from fhir_facade.settings.model import AssigningAuthority, Settings
from fhir_facade.settings.model import Gateway as GatewaySettings
from fhir_facade.specification.operations import operations
from fhir_facade.specification.statement import declared_operations
from fhir_facade.state.database import Database
from fhir_facade.state.ledger import Ledger
from fhir_facade.telemetry.log import event

OpenGateway = Callable[[GatewaySettings, GatewayContext], Gateway | None]
Now = Callable[[], dt.datetime]


def none_installed(_: GatewaySettings, __: GatewayContext) -> None:
    """No gateway."""


def kept_ledger(database: Database, shelf: Shelf, now: Now, opened: ExitStack) -> tuple[Ledger, News]:
    """The ledger.  Whoever changes a payment, what was kept of its patient's money is dropped."""

    def dropped(payment: Payment) -> None:
        kinds = OF_MONEY if payment.captured else (Kind.PAYMENTS,)  # no bill is another one before it is paid
        shelf.drop(payment.billing_system, payment.patient.value, kinds)

    ledger = Ledger(database, now, dropped)
    news = opened.enter_context(closing(News(ledger.changed, dropped, now, event)))
    news.listen()
    news.start()
    return ledger, news


@dataclass(frozen=True)
class Till:
    """What is done with payments.  ``offered``: the operations of each type; ``creates``: what can be recorded."""

    ledger: Ledger
    news: News
    gateways: Mapping[str, Gateway]
    operations: Mapping[str, Operating]
    offered: Mapping[str, frozenset[str]]
    recording: Recording | None
    mailboxes: Mapping[str, Mailbox]


@dataclass(frozen=True)
class Tools:
    """What a till is made of."""

    settings: Settings
    keys: Sequence[Secret]
    ledger: Ledger
    news: News
    gateways: Mapping[str, Gateway]
    guard: Guard
    finder: Finder
    cabinet: Cabinet
    now: Now


def gateways(
    settings: Settings, store: SharedStore, open_gateway: OpenGateway, now: Now, opened: ExitStack
) -> dict[str, Gateway]:
    """Every gateway that the settings register, opened."""
    found = {}
    for each in settings.gateways:
        gateway = open_gateway(each, GatewayContext(each.name, store, now, event))
        if gateway is not None:
            found[each.name] = opened.enter_context(closing(gateway))
    return found


def till(tools: Tools) -> Till:
    """The till of a site."""
    ids = PaymentIds(tools.keys)
    outside = tools.settings.server.base_url.removesuffix(urlsplit(tools.settings.server.base_url).path)
    sessions = Sessions(
        tools.ledger,
        tools.gateways,
        ids.sealed,
        lambda name: f"{outside}/{_mailbox(name)}",
        tools.now,
    )
    told = frozenset(source.name for source in tools.cabinet.sources.values() if source.tells)
    aiming = Aiming(tools.finder, tools.cabinet)
    paying = Paying(tools.guard, aiming, sessions, told, tools.settings.payments.return_urls, tools.now)
    voiding = Voiding(tools.guard, tools.finder, tools.cabinet, sessions)
    notified = Notifications(tools.ledger, tools.gateways, ids.opened, tools.now, event)
    taking = [each for each in tools.finder.authorities.values() if each.billing_system in told and _takes(each)]
    return Till(
        tools.ledger,
        tools.news,
        tools.gateways,
        {"pay": paying, "pre-pay": paying, "void": voiding},
        _offered(each for each in taking if each.gateway in tools.gateways),
        Recording(tools.guard, aiming, tools.ledger, told, tools.now) if taking else None,
        {_mailbox(name): notifications(_told(notified, name)) for name in tools.gateways},
    )


def _mailbox(gateway: str) -> str:
    return f"gateways/{gateway}/notifications"


def _told(notifications: Notifications, gateway: str) -> Callable[[Mapping[str, str], bytes], None]:
    return lambda headers, body: notifications.told(gateway, headers, body)


def _takes(authority: AssigningAuthority) -> bool:
    return authority.bills.pay or authority.prepay


def _offered(taking: Iterable[AssigningAuthority]) -> Mapping[str, frozenset[str]]:
    """The operations that one of these authorities has switched on; taking back what was begun needs any of them."""
    on = {switch for authority in taking for switch in authority.switches()}
    known = {name: operation.access.switch for name, operation in operations().items()}
    there = {name for name, switch in known.items() if (switch in on if switch else on)}
    return {type: names & there for type, names in declared_operations().items()}
