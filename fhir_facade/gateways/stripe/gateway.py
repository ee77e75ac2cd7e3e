"""The gateway: how the port's words are said to a Stripe account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from fhir_facade.addresses import is_safe
from fhir_facade.gateways.calling import Caller
from fhir_facade.gateways.configuration import secrets_of
from fhir_facade.gateways.errors import AmountNotTaken, GatewaySurprised
from fhir_facade.gateways.freshness import Freshness
from fhir_facade.gateways.port import Capability, Gateway, GatewayContext, Outcome, Result, Session, Started
from fhir_facade.gateways.stripe import standing
from fhir_facade.gateways.stripe.account import Account
from fhir_facade.gateways.stripe.amounts import minor
from fhir_facade.gateways.stripe.configuration import API, HOLD_DAYS, SCHEMA, SECONDS
from fhir_facade.gateways.stripe.sessions import described, expiry
from fhir_facade.gateways.stripe.shapes import About, BalanceTransaction, Checkout, Source
from fhir_facade.gateways.stripe.webhooks import Webhooks

_A_DAY = 86_400.0


class Stripe(Gateway):
    """An account at Stripe.  A session's reference is the id of its Checkout Session."""

    settings_schema: ClassVar[Mapping[str, Any]] = SCHEMA
    capabilities = frozenset(Capability)

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: GatewayContext) -> Stripe:
        """Makes no call."""
        return cls(settings, context)

    def __init__(self, settings: Mapping[str, Any], context: GatewayContext) -> None:
        base = str(settings.get("api_base") or API).rstrip("/")
        self._caller = Caller(base, context, float(settings.get("timeout_seconds", SECONDS)))
        self._account = Account(settings["secret_key"], base, self._caller)
        self._methods = tuple(settings.get("payment_methods") or ["card"])
        self._webhooks = Webhooks(secrets_of(settings["webhook_secret"]), Freshness(context))
        self._context = context
        self.hold_days = float(settings.get("hold_days", HOLD_DAYS))

    def start(self, session: Session) -> Started:
        """Begun again, Stripe answers with the first one, by the key."""
        units = minor(session.amount, session.currency)
        params = described(session, units, self._expires(session), self._methods)
        made = self._account.begin(params, self._key("start", session.payment))
        if made.url is None or not is_safe(made.url):
            raise self._account.failed("start", GatewaySurprised("$.url", "an https URL"))
        return Started(made.url, made.id)

    def ask(self, reference: str) -> Result:
        """How it stands, with its dispute if there is one."""
        return self._result(self._account.session(reference))

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        """An event only says which session to ask for: nothing for those that this facade has not begun."""
        event = self._webhooks.event(headers, body)
        found = self._session_about(event.data.object)
        if found is None or not standing.payment_of(found):
            return ()
        return (self._result(found, event.id),)

    def capture(self, reference: str, amount: Decimal) -> Result:
        """Take what is held, or less; the rest is let go of."""
        session = self._account.session(reference)
        intent = standing.intent_of(session)
        if intent is None or intent.status != "requires_capture":
            return self._result(session)
        units = minor(amount, intent.currency.upper())
        if units > intent.amount_capturable:
            raise AmountNotTaken("more than what is held")
        self._account.capture(intent.id, units, self._key("capture", reference, str(units)))
        return self.ask(reference)

    def release(self, reference: str) -> Result:
        """A hold is canceled, an open session expired; anything else stays as it is."""
        session = self._account.session(reference)
        intent, key = standing.intent_of(session), self._key("release", reference)
        if session.status == "open":
            self._account.expire(reference, key)
        elif intent is not None and intent.status == "requires_capture":
            self._account.cancel(intent.id, key)
        return self.ask(reference)

    def void(self, reference: str) -> Result:
        """All of it is refunded; what is not captured stays as it is."""
        session = self._account.session(reference)
        intent, result = standing.intent_of(session), self._result(session)
        if intent is None or result.outcome is not Outcome.CAPTURED:
            return result
        self._account.refund(intent.id, self._key("void", reference))
        return self.ask(reference)

    def captured_since(self, since: dt.datetime) -> Iterable[Result]:
        """By the account's balance, where money is entered when it is captured; each session as it stands now."""
        for entry in self._account.balance(int(since.timestamp())):
            session = self._account.session_of(intent) if (intent := _captured(entry)) else None
            if session is not None and standing.payment_of(session):
                yield self._result(session)

    def ping(self) -> None:
        """Lists a session, or none."""
        self._account.ping()

    def close(self) -> None:
        """Close every connection."""
        self._caller.close()

    def _session_about(self, about: About) -> Checkout | None:
        if about.object == "checkout.session":
            return self._account.session(about.id)
        intent = about.id if about.object == "payment_intent" else about.payment_intent
        return self._account.session_of(intent) if intent else None

    def _result(self, session: Checkout, event: str = "") -> Result:
        intent = standing.intent_of(session)
        disputed = intent is not None and standing.is_disputed(session)
        dispute = self._account.dispute(intent.id) if intent and disputed else None
        return standing.result(session, dispute, event)

    def _expires(self, session: Session) -> int:
        """Kept for a day, as Stripe keeps its keys: begun again, a session has to be asked for in the same words."""
        key = f"gateway/{self._context.name}/expires/{session.payment}"
        kept = self._context.store.get(key)
        chosen = int(kept) if kept else expiry(session.expires, self._context.now())
        if kept is None:
            self._context.store.put(key, str(chosen).encode(), _A_DAY)
        return chosen

    def _key(self, *what: str) -> str:
        """https://docs.stripe.com/api/idempotent_requests"""
        return "/".join(("fhir-facade", *what))


def _captured(entry: BalanceTransaction) -> str:
    """The intent of a capture that a facade has begun, or nothing."""
    source = entry.source if entry.reporting_category == "charge" and isinstance(entry.source, Source) else None
    return (source.payment_intent or "") if source and (source.metadata or {}).get(standing.PAYMENT) else ""
