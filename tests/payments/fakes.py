"""A gateway and a billing system that can be told of payments, in memory, that do as tests say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from fhir_facade.backends.posting import Poster, Posting, Told, Verdict
from fhir_facade.errors import FacadeError
from fhir_facade.gateways.port import Capability, Gateway, GatewayContext, Outcome, Result, Session, Started


class GatewayDown(FacadeError):
    """What a gateway raises that does not answer."""

    status, code, template = 504, "timeout", "The payment gateway did not answer in time."


class FakeGateway(Gateway):
    """Keeps sessions; ``pay`` is what a patient does there.  Notifications are JSON, signed with a word."""

    capabilities = frozenset({Capability.HOLD, Capability.VOID})
    hold_days = 7.0

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.results: dict[str, Result] = {}
        self.failure: Exception | None = None
        self.asked: list[str] = []
        self.closed = False

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: GatewayContext) -> FakeGateway:
        return cls()

    def start(self, session: Session) -> Started:
        self._note("start")
        reference = f"session-{session.payment}"
        self.sessions[reference] = session
        self.results.setdefault(reference, Result(session.payment, reference, Outcome.OPEN))
        return Started(f"https://pay.example.org/{reference}", reference)

    def ask(self, reference: str) -> Result:
        self._note("ask")
        return self.results[reference]

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        self._note("notified")
        if headers.get("x-signature") != "right":
            raise GatewayDown
        return [self.results[reference] for reference in json.loads(body)]

    def release(self, reference: str) -> Result:
        self._note("release")
        if self.results[reference].outcome in (Outcome.OPEN, Outcome.AUTHORIZED):
            self.results[reference] = self._result(reference, Outcome.RELEASED)
        return self.results[reference]

    def void(self, reference: str) -> Result:
        self._note("void")
        self.results[reference] = self._result(reference, Outcome.REFUNDED)
        return self.results[reference]

    def close(self) -> None:
        self.closed = True

    def says(self, reference: str, outcome: Outcome, amount: str | None = None) -> None:
        """From now on."""
        self.results[reference] = self._result(reference, outcome, amount)

    @property
    def last(self) -> str:
        """The reference of the session that was begun last."""
        return list(self.sessions)[-1]

    def _result(self, reference: str, outcome: Outcome, amount: str | None = None) -> Result:
        session = self.sessions[reference]
        return Result(
            session.payment,
            reference,
            outcome,
            session.amount if amount is None else Decimal(amount),
            session.currency,
            at=dt.datetime(2026, 11, 23, 12, 5, tzinfo=dt.UTC),
            tender="card",
            brand="visa",
            last4="1111",
        )

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure


class Telling(Poster):
    """Can be told; nobody tells it here."""

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        return {}

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return Told(Verdict.POSTED)

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return Told(Verdict.ABSENT)
