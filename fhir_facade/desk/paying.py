"""``$pay`` and ``$pre-pay``: decide, ask what is due, begin a session, say what it is for (production-rules.md E)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir_facade import wire
from fhir_facade.addresses import leads_below
from fhir_facade.desk import parameters
from fhir_facade.desk.aim import Aim, Aiming
from fhir_facade.desk.parameters import Given
from fhir_facade.desk.performed import Performed
from fhir_facade.errors import Forbidden, Invalid
from fhir_facade.gateways.port import Capability
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Guard
from fhir_facade.guard.operations import NOTICE, permitted
from fhir_facade.payments.amounts import Due, Money, SpokenFor, for_account, for_bill, for_visit, spoken_for
from fhir_facade.payments.payment import Mode, Payment, Target
from fhir_facade.payments.sessions import Sessions, Stale, Wish
from fhir_facade.records import Account, Bill, Record, Visit
from fhir_facade.refusals import Conflict, Unprocessable
from fhir_facade.specification.operations import Operation, operations

_LONGEST_KEY = 255
_TRIES = 3  # each one lost to another payment of the same patient


@dataclass(frozen=True)
class Asked:
    """What a caller wants, from Parameters."""

    amount: Money | None
    mode: Mode
    return_url: str
    key: str

    def fits(self, payment: Payment) -> bool:
        """True for a payment that came of the same."""
        amount = self.amount is None or (self.amount.value, self.amount.currency or payment.currency) == (
            payment.amount,
            payment.currency,
        )
        return amount and self.mode is payment.mode and self.return_url in ("", payment.return_url)


@dataclass(frozen=True)
class Paying:
    """``told``: the billing systems that can be told of payments.  ``return_urls``: where browsers may be sent."""

    guard: Guard
    aiming: Aiming
    sessions: Sessions
    told: Collection[str]
    return_urls: Collection[str]
    now: Callable[[], dt.datetime]

    def perform(self, caller: Caller, type: str, id: str, name: str, body: bytes) -> Performed:
        """Begin it, or find what was begun before."""
        operation = operations()[name]
        may = permitted(self.guard, caller, operation, type)
        asked = self._asked(parameters.given(body, operation))
        numbers = {self.aiming.finder.patient(type, id)}
        for _ in range(_TRIES):
            # Read before the billing system is asked: what it shows by then counts twice, and never not at all.
            seen = [each for key in sorted(filter(None, numbers)) for each in self.sessions.ledger.of_patient(key)]
            aim = self.aiming.at(type, id, may.target)
            if aim.key not in numbers:  # merged: under this number it is begun
                numbers.add(aim.key)
                continue
            self._require(operation, aim)
            if not may.notice.names(aim.key):
                raise Forbidden
            try:
                return self._performed(operation, self._begun(caller, type, aim, asked, seen))
            except Stale:
                continue
        raise Conflict("session-open")

    def _begun(self, caller: Caller, type: str, aim: Aim, asked: Asked, seen: Sequence[Payment]) -> Payment:
        target = Target(type, aim.record.number)
        known = self.sessions.keyed(aim.key, caller.application, target, asked.key)
        if known is not None:
            if not asked.fits(known):
                raise Conflict("key-reused")
            return self.sessions.resumed(known)
        due = _due(aim, spoken_for(seen), self.now()).paying(asked.amount)
        if asked.mode is Mode.AUTHORIZE:
            self._require_hold(aim)
        wish = Wish(
            patient=aim.key,
            billing_system=aim.authority.billing_system,
            gateway=aim.authority.gateway,
            target=target,
            due=due,
            description=_description(aim, due),
            mode=asked.mode,
            return_url=asked.return_url,
            caller=caller.name,
            client=caller.application,
            key=asked.key,
        )
        return self.sessions.begin(wish, seen)

    def _require(self, operation: Operation, aim: Aim) -> None:
        """Of a record that the caller sees."""
        authority = aim.authority
        if operation.access.switch not in authority.switches() or authority.gateway not in self.sessions.gateways:
            raise Forbidden("This is not offered here.")
        if authority.billing_system not in self.told:
            raise Unprocessable(code="not-supported", diagnostics="The billing system takes no payments.")

    def _require_hold(self, aim: Aim) -> None:
        """A hold ends a day before the gateway lets go of it by itself, and after the visit has begun (E4)."""
        gateway = self.sessions.gateways[aim.authority.gateway]
        start = aim.record.start if isinstance(aim.record, Visit) else None
        holds = dt.timedelta(days=gateway.hold_days - 1)
        if (
            Capability.HOLD not in gateway.capabilities
            or not isinstance(start, dt.datetime)
            or start - self.now() > holds
        ):
            raise Unprocessable("hold-not-offered", expression="mode")

    def _asked(self, given: Given) -> Asked:
        key, url = given.get("idempotency-key", ""), given.get("return-url", "")
        if len(key) > _LONGEST_KEY:
            raise Invalid("The key is too long.", code="value", expression="idempotency-key")
        if url and not any(leads_below(url, allowed) for allowed in self.return_urls):
            raise Unprocessable("return-url-not-allowed", expression="return-url")
        return Asked(_money(given.get("amount")), _mode(given.get("mode", Mode.PAY.value)), url, key)

    def _performed(self, operation: Operation, payment: Payment) -> Performed:
        id = self.aiming.finder.ids.record(NOTICE, payment.patient, payment.id)
        said: Mapping[str, Any] = {
            "payment-url": payment.url,
            "expires": wire.instant(payment.expires or payment.created),
            "amount": {"value": payment.amount, "currency": payment.currency},
            "description": payment.description,
            "payment-notice": {"reference": f"{NOTICE}/{id}"},
        }
        return Performed(parameters.answer(operation, said), (payment.patient,))


def _money(given: Mapping[str, Any] | None) -> Money | None:
    if given is None:
        return None
    if "value" not in given:
        raise Invalid("An amount has a value.", code="value", expression="amount")
    return Money(Decimal(given["value"]), given.get("currency", ""))


def _mode(given: str) -> Mode:
    if given not in {mode.value for mode in Mode}:
        raise Invalid("The mode is pay or authorize.", code="value", expression="mode")
    return Mode(given)


def _due(aim: Aim, spoken: SpokenFor, now: dt.datetime) -> Due:
    record, currency = aim.record, aim.authority.currency
    if isinstance(record, Visit):
        return for_visit(record, currency, spoken, now)
    if isinstance(record, Bill):
        return for_bill(record, aim.all(Account), aim.all(Bill), currency, spoken)
    if isinstance(record, Account):
        return for_account(record, aim.all(Bill), currency, spoken)
    raise TypeError(type(record).__name__)


def _description(aim: Aim, due: Due) -> str:
    """For the patient, and for the gateway: no person's name, and nothing of what was done."""
    return f"{_subject(aim.record, len(due.bills))}, {aim.authority.name}"


def _subject(record: Record, bills: int) -> str:
    if isinstance(record, Visit):
        return f"Appointment on {wire.date(record.start)}"
    if isinstance(record, Bill):
        return f"Bill {record.number}"
    return "1 bill" if bills == 1 else f"{bills} bills"
