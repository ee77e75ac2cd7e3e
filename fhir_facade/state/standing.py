"""How the ledger stands: how many payments are where, whose are undecided, and which wait for too long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec
from sqlalchemy import func, select

from fhir_facade.payments.payment import Payment
from fhir_facade.payments.states import State
from fhir_facade.state.database import Database
from fhir_facade.state.tables import PAYMENTS

_payment = msgspec.json.Decoder(Payment).decode

_COUNTS = select(PAYMENTS.c.state, func.count()).group_by(PAYMENTS.c.state)
_UNDECIDED = tuple(state.value for state in (State.POSTING, State.UNKNOWN))
_UNPOSTED = tuple(state.value for state in (State.CAPTURED, State.POSTING, State.UNKNOWN))


class Standing:
    """Reads, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self) -> Mapping[State, int]:
        """The number of payments in every state."""
        with self._database.reading() as connection:
            found = {state: int(count) for state, count in connection.execute(_COUNTS)}
        return {state: found.get(state.value, 0) for state in State}

    def undecided(self, number: str, but: Payment) -> list[Payment]:
        """Other payments for a patient number, of whatever authority, that a billing system may be about to show."""
        found = select(PAYMENTS.c.payment).where(
            PAYMENTS.c.state.in_(_UNDECIDED),
            PAYMENTS.c.number == number.encode("utf-8", "surrogatepass"),
            PAYMENTS.c.id != but.id,
        )
        return self._payments(found)

    def unposted(self, since: dt.datetime) -> list[Payment]:
        """Captured up to then, and the billing system still does not know."""
        found = select(PAYMENTS.c.payment).where(PAYMENTS.c.state.in_(_UNPOSTED)).order_by(PAYMENTS.c.created)
        return [each for each in self._payments(found) if each.captured is not None and each.captured <= since]

    def _payments(self, found: object) -> list[Payment]:
        with self._database.reading() as connection:
            return [_payment(bytes(row)) for row in connection.execute(found).scalars()]  # type: ignore[call-overload]
