"""The ledger: every payment, each step that it took, and what nobody else may pay meanwhile.

One transaction changes a payment, writes the step down and lets go of its locks.  A change names the version that it
started from: of two who change one payment at once, one begins anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from fhir_facade.keys import PatientKey
from fhir_facade.octets import octets
from fhir_facade.payments.payment import Payment, Step, Target
from fhir_facade.payments.states import SESSION, State, may
from fhir_facade.state.database import Database
from fhir_facade.state.tables import PAYMENT_HISTORY, PAYMENT_LOCKS, PAYMENTS

_encode = msgspec.json.Encoder().encode
_payment = msgspec.json.Decoder(Payment).decode
_step = msgspec.json.Decoder(Step).decode

_ROWS = select(PAYMENTS.c.payment)
_CLAIM = """
    UPDATE payments SET owner = :owner, leased = :until WHERE id IN (
        SELECT id FROM payments WHERE due <= :now AND (leased IS NULL OR leased <= :now) ORDER BY due LIMIT :most {skip}
    ) RETURNING payment
"""


class Lock(NamedTuple):
    """A bill or an appointment of a billing system, by its own number."""

    kind: str
    number: str


class Locked(Exception):
    """Somebody is paying this already; ``payment`` is theirs."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(payment.id)
        self.payment = payment


class Repeated(Exception):
    """The same key was used before; ``payment`` is what came of it."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(payment.id)
        self.payment = payment


class Outdated(Exception):
    """The payment has changed meanwhile: look at it again."""


class Forbidden(Exception):
    """The table of states has no such step."""


class Ledger:
    """Payments in the state database.  ``now`` has an offset."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime]) -> None:
        self._database, self._now = database, now

    def add(self, payment: Payment, locks: Iterable[Lock], by: str) -> Payment:
        """Begin a payment.  ``Repeated`` for a key that was used; ``Locked`` where another session pays one."""
        with self._database.writing() as connection:
            known = self._one(connection, PAYMENTS.c.idempotency == _idempotency(payment)) if payment.key else None
            if known is not None:
                raise Repeated(known)
            wanted = sorted(set(locks))
            for lock in wanted:
                holder = self._holder(connection, payment.billing_system, lock)
                if holder is not None:
                    raise Locked(holder)
            try:
                connection.execute(insert(PAYMENTS), _row(payment))
                if wanted:
                    connection.execute(insert(PAYMENT_LOCKS), [_lock(payment, lock) for lock in wanted])
            except IntegrityError as raced:  # another process came between the look and the write
                raise Outdated from raced
            self._write(connection, payment, Step(payment.id, payment.created, "", payment.state.value, by))
        return payment

    def get(self, id: str) -> Payment | None:
        """The payment with this id."""
        with self._database.reading() as connection:
            return self._one(connection, PAYMENTS.c.id == id)

    def keyed(self, client: str, target: Target, key: str) -> Payment | None:
        """What came of an idempotency key."""
        with self._database.reading() as connection:
            return self._one(connection, PAYMENTS.c.idempotency == _hash(client, target, key))

    def of_session(self, gateway: str, reference: str) -> Payment | None:
        """The payment of a gateway's session."""
        with self._database.reading() as connection:
            return self._one(connection, (PAYMENTS.c.gateway == gateway) & (PAYMENTS.c.reference == reference))

    def of_patient(self, patient: PatientKey) -> list[Payment]:
        """All of a patient's payments, in the order in which they were begun."""
        mine = (PAYMENTS.c.authority == patient.authority) & (PAYMENTS.c.number == octets(patient.value))
        with self._database.reading() as connection:
            return _all(connection, _ROWS.where(mine).order_by(PAYMENTS.c.created, PAYMENTS.c.id))

    def listed(self, states: Iterable[State] = tuple(State), since: dt.datetime | None = None) -> list[Payment]:
        """Payments in these states, begun from then on."""
        found = _ROWS.where(PAYMENTS.c.state.in_([state.value for state in states]))
        if since is not None:
            found = found.where(PAYMENTS.c.created >= _milliseconds(since))
        with self._database.reading() as connection:
            return _all(connection, found.order_by(PAYMENTS.c.created, PAYMENTS.c.id))

    def history(self, id: str) -> list[Step]:
        """Each step of a payment, oldest first."""
        found = select(PAYMENT_HISTORY.c.step).where(PAYMENT_HISTORY.c.payment == id)
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(PAYMENT_HISTORY.c.version)).scalars()
            return [_step(bytes(row)) for row in rows]

    def move(self, payment: Payment, to: State, by: str, reason: str = "", **changes: Any) -> Payment:
        """Let the payment go to another state, with ``changes`` to its fields, and write the step down.

        ``Forbidden`` for a step that the table of states does not have, ``Outdated`` where it has changed meanwhile.
        """
        if not may(payment.state, to):
            raise Forbidden(f"{payment.state.value} to {to.value}")
        return self._change(payment, by, reason, state=to, **changes)

    def note(self, payment: Payment, by: str, reason: str = "", **changes: Any) -> Payment:
        """Change fields of a payment that stays in its state, and write it down."""
        return self._change(payment, by, reason, **changes)

    def claim(self, owner: str, seconds: float, most: int) -> list[Payment]:
        """Payments that are due and nobody's are ``owner``'s for so long.  Whoever dies loses them after that."""
        now = _milliseconds(self._now())
        given = {"owner": owner, "now": now, "until": now + int(seconds * 1000), "most": most}
        with self._database.writing() as connection:
            skip = "" if connection.dialect.name == "sqlite" else "FOR UPDATE SKIP LOCKED"
            rows = connection.execute(text(_CLAIM.format(skip=skip)), given).scalars()
            return [_payment(bytes(row)) for row in rows]

    def renew(self, payment: Payment, owner: str, seconds: float) -> bool:
        """Keep a payment that is being worked on for so much longer; False where it is somebody else's by now."""
        until = _milliseconds(self._now()) + int(seconds * 1000)
        mine = (PAYMENTS.c.id == payment.id) & (PAYMENTS.c.owner == owner)
        with self._database.writing() as connection:
            return connection.execute(update(PAYMENTS).where(mine).values(leased=until)).rowcount == 1

    def release(self, payment: Payment, owner: str) -> None:
        """Let others look after a payment again."""
        mine = (PAYMENTS.c.id == payment.id) & (PAYMENTS.c.owner == owner)
        with self._database.writing() as connection:
            connection.execute(update(PAYMENTS).where(mine).values(owner=None, leased=None))

    def _change(self, payment: Payment, by: str, reason: str, **changes: Any) -> Payment:
        now = self._now()
        after = msgspec.structs.replace(payment, version=payment.version + 1, changed=now, **changes)
        same = (PAYMENTS.c.id == payment.id) & (PAYMENTS.c.version == payment.version)
        with self._database.writing() as connection:
            if connection.execute(update(PAYMENTS).where(same).values(**_row(after))).rowcount != 1:
                raise Outdated
            if after.state not in SESSION:
                connection.execute(delete(PAYMENT_LOCKS).where(PAYMENT_LOCKS.c.payment == payment.id))
            self._write(connection, after, Step(payment.id, now, payment.state.value, after.state.value, by, reason))
        return after

    def _write(self, connection: Connection, payment: Payment, step: Step) -> None:
        row = {"payment": payment.id, "version": payment.version, "step": _encode(step)}
        connection.execute(insert(PAYMENT_HISTORY), row)

    def _holder(self, connection: Connection, billing_system: str, lock: Lock) -> Payment | None:
        held = select(PAYMENT_LOCKS.c.payment).where(
            PAYMENT_LOCKS.c.billing_system == billing_system,
            PAYMENT_LOCKS.c.kind == lock.kind,
            PAYMENT_LOCKS.c.number == octets(lock.number),
        )
        holder = connection.execute(held).scalar()
        return None if holder is None else self._one(connection, PAYMENTS.c.id == holder)

    @staticmethod
    def _one(connection: Connection, condition: Any) -> Payment | None:
        row = connection.execute(_ROWS.where(condition)).scalar()
        return None if row is None else _payment(bytes(row))


def _all(connection: Connection, found: Any) -> list[Payment]:
    return [_payment(bytes(row)) for row in connection.execute(found).scalars()]


def _row(payment: Payment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "state": payment.state.value,
        "authority": payment.patient.authority,
        "number": octets(payment.patient.value),
        "idempotency": _idempotency(payment) if payment.key else None,
        "gateway": payment.gateway,
        "reference": payment.reference,
        "due": None if payment.due is None else _milliseconds(payment.due),
        "created": _milliseconds(payment.created),
        "version": payment.version,
        "payment": _encode(payment),
    }


def _lock(payment: Payment, lock: Lock) -> dict[str, Any]:
    number = octets(lock.number)
    return {"billing_system": payment.billing_system, "kind": lock.kind, "number": number, "payment": payment.id}


def _idempotency(payment: Payment) -> bytes:
    return _hash(payment.client, payment.target, payment.key)


def _hash(client: str, target: Target, key: str) -> bytes:
    return sha256(_encode([client, target.type, target.number, key])).digest()


def _milliseconds(instant: dt.datetime) -> int:
    return int(instant.timestamp() * 1000)
