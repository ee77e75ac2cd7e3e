"""``POST /PaymentNotice``: a trusted client records a payment that was made elsewhere; the billing system is told."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from fhir_facade.desk import parameters
from fhir_facade.desk.aim import Aim, Aiming
from fhir_facade.errors import Forbidden, Invalid, NotFound
from fhir_facade.files.pantry import Fetched
from fhir_facade.files.resource import Resource
from fhir_facade.files.taken import LedgerTaken
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Guard
from fhir_facade.guard.operations import NOTICE, recording
from fhir_facade.keys import PatientKey
from fhir_facade.payments.amounts import allotted
from fhir_facade.payments.payment import BillShare, Payment, Target
from fhir_facade.payments.states import State
from fhir_facade.records import Bill, Visit
from fhir_facade.refusals import SeveralMatches, Unprocessable
from fhir_facade.search.query import parse
from fhir_facade.specification.operations import operations
from fhir_facade.state.ledger import Ledger, Repeated

Pairs = Sequence[tuple[str, str]]

_REQUEST, _AMOUNT = "PaymentNotice.request", "PaymentNotice.amount"
_PAID_BY = {"Invoice": "pay", "Account": "pay", "Appointment": "pre-pay"}


class Created(NamedTuple):
    """The resource, and whether it is new."""

    resource: Resource
    patient: PatientKey
    new: bool


@dataclass(frozen=True)
class Recording:
    """``told``: the billing systems that can be told of payments."""

    guard: Guard
    aiming: Aiming
    ledger: Ledger
    told: Collection[str]
    now: Callable[[], dt.datetime]

    def create(self, caller: Caller, body: bytes, if_none_exist: Pairs | None) -> Created:
        """Record it; with ``if_none_exist`` only where the patient has no such payment yet."""
        allowed = recording(self.guard, caller)
        notice = parameters.resource(body, NOTICE)
        type, aim = self._aim(notice, allowed)
        self._require(caller, type, aim, notice)
        known = None if if_none_exist is None else self._known(aim, allowed, if_none_exist)
        if known is not None:
            return Created(known, aim.key, new=False)
        payment = self._payment(caller, type, aim, notice, if_none_exist)
        try:
            added, new = self.ledger.add(payment, (), "caller"), True
        except Repeated as raced:  # by the same client, a moment ago
            added, new = raced.payment, False
        return Created(self._rendered(added, aim), aim.key, new=new)

    def _aim(self, notice: dict[str, Any], allowed: Allowed) -> tuple[str, Aim]:
        """What was paid; the same answer for what is not there and for what is not the caller's."""
        reference = notice.get("request", {}).get("reference", "")
        type, _, id = reference.removeprefix(f"{self.aiming.finder.base_url}/").partition("/")
        if type not in _PAID_BY:
            raise Unprocessable("reference-unknown", code="not-found", expression=_REQUEST)
        try:
            return type, self.aiming.at(type, id, allowed)
        except NotFound as unknown:
            raise Unprocessable("reference-unknown", code="not-found", expression=_REQUEST) from unknown

    def _require(self, caller: Caller, type: str, aim: Aim, notice: dict[str, Any]) -> None:
        access, authority = operations()[_PAID_BY[type]].access, aim.authority
        if caller.features is not None and caller.features.isdisjoint(access.features):
            raise Forbidden
        if access.switch not in authority.switches():
            raise Forbidden("This is not offered here.")
        if authority.billing_system not in self.told:
            raise Unprocessable(code="not-supported", diagnostics="The billing system takes no payments.")
        if notice["status"] != "active":
            raise Unprocessable(expression="PaymentNotice.status", diagnostics="Only an active payment is recorded.")
        if notice["recipient"].get("reference", "").rpartition("/")[2] not in ("", authority.id):
            raise Unprocessable("reference-unknown", code="not-found", expression="PaymentNotice.recipient")

    def _known(self, aim: Aim, allowed: Allowed, pairs: Pairs) -> Resource | None:
        """https://hl7.org/fhir/R4/http.html#ccreate, among the patient's payments."""
        finder, cabinet = self.aiming.finder, self.aiming.cabinet
        query = parse(NOTICE, tuple(pairs), base_url=finder.base_url, strict=True, now=self.now)
        if not query.criteria:
            raise Invalid("If-None-Exist names no search parameter.", code="value", expression="http.If-None-Exist")
        opening = cabinet.open((finder.file(NOTICE, aim.key),))
        for failure in opening.failures.values():
            raise failure
        there = opening.files[0].by_authority.get(aim.key.authority, ())
        found = [
            each
            for each in there
            if allowed.admits(each) and all(c.admits(each.values(c.code)) for c in query.criteria)
        ]
        if len(found) > 1:
            raise SeveralMatches
        return found[0] if found else None

    def _payment(self, caller: Caller, type: str, aim: Aim, notice: dict[str, Any], pairs: Pairs | None) -> Payment:
        now, amount = self.now(), _amount(notice, aim)
        shares = _shares(aim, amount)
        return Payment(
            id=secrets.token_hex(16),
            state=State.CAPTURED,
            patient=aim.key,
            billing_system=aim.authority.billing_system,
            target=Target(type, aim.record.number),
            amount=amount,
            currency=notice["amount"].get("currency", "") or aim.authority.currency,
            shares=shares,
            visit=aim.record.number if isinstance(aim.record, Visit) else "",
            other=Decimal(0) if isinstance(aim.record, Visit) else amount - sum((s.amount for s in shares), Decimal(0)),
            caller=caller.name,
            client=caller.application,
            key="\n".join((*aim.key, *("=".join(pair) for pair in pairs))) if pairs else "",
            identifiers=tuple((each.get("system", ""), each["value"]) for each in _identifiers(notice)),
            created=now,
            changed=now,
            captured=_captured(notice, now),
            taken=amount,
            due=now,
        )

    def _rendered(self, payment: Payment, aim: Aim) -> Resource:
        """From the ledger alone: whether the billing system answers does not matter any more."""
        finder, cabinet = self.aiming.finder, self.aiming.cabinet
        key = finder.file(NOTICE, aim.key)
        nothing = Fetched(self.now(), aim.key.value, ())
        records = LedgerTaken(self.ledger).added(key, nothing, (aim.authority,))
        file = cabinet.renderer.file(key, records, (aim.authority,), as_of=nothing.as_of, number=aim.key.value)
        return file.by_id[finder.ids.record(NOTICE, aim.key, payment.id)]


def _identifiers(notice: dict[str, Any]) -> Iterable[dict[str, str]]:
    return (each for each in notice.get("identifier", ()) if each.get("value"))


def _amount(notice: dict[str, Any], aim: Aim) -> Decimal:
    amount = Decimal(notice["amount"].get("value", 0))
    if amount <= 0:
        raise Unprocessable("amount-not-positive", expression=_AMOUNT)
    if amount.adjusted() > 15 or amount != round(amount, 2):
        raise Unprocessable("amount-decimals", expression=_AMOUNT)
    currency = getattr(aim.record, "currency", "") or aim.authority.currency
    if notice["amount"].get("currency", currency) != currency:
        raise Unprocessable("amount-currency", expression=_AMOUNT)
    return amount


def _shares(aim: Aim, amount: Decimal) -> tuple[BillShare, ...]:
    """What was paid is a fact, whatever is owed: a bill gets all of it, bills of an account what they owe."""
    if isinstance(aim.record, Visit):
        return ()
    if isinstance(aim.record, Bill):
        return (BillShare(aim.record.number, amount),)
    return allotted(amount, aim.record.number, aim.all(Bill))


def _captured(notice: dict[str, Any], now: dt.datetime) -> dt.datetime:
    """The day on which it was paid, at noon, which is that day nearly everywhere."""
    if "paymentDate" not in notice:
        return now
    try:
        day = dt.datetime.combine(dt.date.fromisoformat(notice["paymentDate"]), dt.time(12), dt.UTC)
    except ValueError as vague:
        raise Unprocessable(diagnostics="A whole date is needed.", expression="PaymentNotice.paymentDate") from vague
    if day.date() > now.date() + dt.timedelta(days=1):
        raise Unprocessable(diagnostics="The day is in the future.", expression="PaymentNotice.paymentDate")
    return min(day, now)
