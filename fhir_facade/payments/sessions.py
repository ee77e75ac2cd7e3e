"""Sessions at gateways: begun once for a key and for what they pay, written down before the gateway hears of them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fhir_facade.gateways.port import Capability, Gateway, Session
from fhir_facade.keys import PatientKey
from fhir_facade.payments.amounts import Due
from fhir_facade.payments.payment import Mode, Payment, Target
from fhir_facade.payments.results import apply
from fhir_facade.payments.states import State
from fhir_facade.refusals import Conflict
from fhir_facade.state.ledger import Ledger, Locked, Outdated, Repeated

LASTS = dt.timedelta(minutes=40)
"""How long a patient has to pay."""

LOOK_AFTER = dt.timedelta(minutes=2)
"""When a worker first asks the gateway what became of a session."""

GATEWAY_FAILED = "gateway-failed"
_TRIES = 4
_NEVER_PAID = frozenset({State.DECLINED, State.EXPIRED})


class Stale(Exception):
    """Something else of the patient's was begun or taken meanwhile: what is due has to be told anew."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to pay.  ``caller`` is ``Caller.name``; ``key`` is theirs, for this target."""

    patient: PatientKey
    billing_system: str
    gateway: str
    target: Target
    due: Due
    description: str
    mode: Mode = Mode.PAY
    return_url: str = ""
    caller: str = ""
    client: str = ""
    key: str = ""

    def is_what(self, payment: Payment) -> bool:
        """True for a payment of the same, in the same way."""
        same = (payment.patient, payment.target, payment.amount, payment.mode)
        return same == (self.patient, self.target, self.due.amount, self.mode)


@dataclass(frozen=True)
class Sessions:
    """``sealed``: a ledger id as a gateway gets it; ``notify_url``: where a gateway tells us."""

    ledger: Ledger
    gateways: Mapping[str, Gateway]
    sealed: Callable[[str, str], str]
    notify_url: Callable[[str], str]
    now: Callable[[], dt.datetime]

    def keyed(self, patient: PatientKey, client: str, target: Target, key: str) -> Payment | None:
        """What came of the same key before."""
        return self.ledger.keyed(client, target, _scoped(patient, key)) if key else None

    def begin(self, wish: Wish, seen: Iterable[Payment]) -> Payment:
        """The session for a wish: a new one, or the one that is open for it already.

        ``seen`` are the patient's payments, from before it was asked what is due; ``Stale`` where they have changed.
        ``Conflict`` for another wish under the same key, and where the same is being paid in another way.
        """
        payment = self._payment(wish)
        for _ in range(_TRIES):
            try:
                added = self.ledger.add(payment, wish.due.locks, "caller")
                self._require_unchanged(added, seen)
                return self._started(added)
            except Repeated as known:
                return self._again(wish, known.payment, "key-reused")
            except Locked as held:
                if self._over(held.payment):
                    continue
                return self._again(wish, held.payment, "session-open")
            except Outdated:
                continue
        raise Conflict("session-open")

    def resumed(self, payment: Payment) -> Payment:
        """A payment with its page, also one that was cut off before the gateway answered."""
        return self._started(payment) if payment.state is State.OPEN and not payment.url else payment

    def _require_unchanged(self, added: Payment, seen: Iterable[Payment]) -> None:
        """What is due is locked from here on; what was taken before that is not in the amount."""
        now = self.ledger.of_patient(added.patient)
        if _standing(now, but=added) != _standing(seen, but=added):
            self._abandoned(added, "due-changed")
            raise Stale

    def void(self, payment: Payment) -> Payment:
        """End a session, let go of a hold, or give back what the billing system does not know of.

        What is given back first leaves the way into the billing system: a crash in between leaves it to be looked at.
        """
        gateway = self.gateways.get(payment.gateway)
        if gateway is None:
            raise Conflict("not-voidable")
        try:
            if payment.state in (State.OPEN, State.AUTHORIZED):
                return self._released(payment, gateway)
            if payment.state is State.CAPTURED and Capability.VOID in gateway.capabilities:
                return self._given_back(payment, gateway)
        except (Outdated, NotImplementedError) as impossible:
            raise Conflict("not-voidable") from impossible
        raise Conflict("not-voidable")

    def _payment(self, wish: Wish) -> Payment:
        now = self.now()
        return Payment(
            id=secrets.token_hex(16),
            state=State.OPEN,
            patient=wish.patient,
            billing_system=wish.billing_system,
            target=wish.target,
            amount=wish.due.amount,
            currency=wish.due.currency,
            mode=wish.mode,
            shares=wish.due.bills,
            visit=wish.due.visit,
            description=wish.description,
            caller=wish.caller,
            client=wish.client,
            key=_scoped(wish.patient, wish.key),
            gateway=wish.gateway,
            return_url=wish.return_url,
            created=now,
            changed=now,
            expires=now + LASTS,
            due=now + LOOK_AFTER,
        )

    def _started(self, payment: Payment) -> Payment:
        """The payment with the gateway's page.  A gateway that fails leaves no lock behind, nor a key that is used."""
        session = Session(
            payment=self.sealed(payment.gateway, payment.id),
            amount=payment.amount,
            currency=payment.currency,
            description=payment.description,
            expires=payment.expires or self.now() + LASTS,
            return_url=payment.return_url,
            notify_url=self.notify_url(payment.gateway),
            hold=payment.mode is Mode.AUTHORIZE,
        )
        begun = False
        try:
            started = self.gateways[payment.gateway].start(session)
            begun = True
        finally:
            if not begun:
                self._abandoned(payment, GATEWAY_FAILED)
        return self._noted(payment, url=started.url, reference=started.reference)

    def _abandoned(self, payment: Payment, reason: str) -> None:
        current = self.ledger.get(payment.id) or payment
        if current.state is State.OPEN:
            self.ledger.move(current, State.EXPIRED, "gateway", reason, key="", due=None)

    def _noted(self, payment: Payment, **changes: str) -> Payment:
        for _ in range(_TRIES):
            try:
                return self.ledger.note(payment, "gateway", "started", **changes)
            except Outdated:
                payment = self.ledger.get(payment.id) or payment
        raise Conflict("session-open")

    def _again(self, wish: Wish, known: Payment, reason: str) -> Payment:
        """What came of the same wish before; one that was cut off before the gateway answered is begun anew."""
        if not wish.is_what(known):
            raise Conflict(reason)
        return self.resumed(known)

    def _over(self, payment: Payment) -> bool:
        """True once the gateway says that a session which holds others up has ended."""
        gateway = self.gateways.get(payment.gateway)
        late = payment.expires is not None and payment.expires <= self.now()
        if gateway is None or not late or not payment.reference:
            return False
        after = apply(self.ledger, payment, gateway.ask(payment.reference), "gateway", self.now())
        return after.state not in (State.OPEN, State.AUTHORIZED)

    def _released(self, payment: Payment, gateway: Gateway) -> Payment:
        if payment.reference:
            payment = apply(self.ledger, payment, gateway.release(payment.reference), "caller", self.now())
        elif payment.state is State.OPEN:
            payment = self.ledger.move(payment, State.EXPIRED, "caller", "voided", due=None)
        if payment.state in (State.OPEN, State.AUTHORIZED, State.CAPTURED):
            raise Conflict("not-voidable")
        return payment

    def _given_back(self, payment: Payment, gateway: Gateway) -> Payment:
        set_apart = self.ledger.move(payment, State.NEEDS_REVIEW, "caller", "voiding", due=None)
        gateway.void(payment.reference)
        return self.ledger.move(set_apart, State.VOIDED, "caller", "voided")


def _standing(payments: Iterable[Payment], but: Payment) -> set[tuple[str, State]]:
    return {(each.id, each.state) for each in payments if each.id != but.id and each.state not in _NEVER_PAID}


def _scoped(patient: PatientKey, key: str) -> str:
    """A client's key is for one resource: numbers of bills and accounts are not unique among patients."""
    return "\n".join((*patient, key)) if key else ""
