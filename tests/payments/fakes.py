"""A billing system and a gateway that do as they are told, count what is asked of them, and a way to be killed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from fhir_facade.backends.posting import Declined, NotSent, Poster, Posting, Told, Unsure, Verdict
from fhir_facade.errors import FacadeError
from fhir_facade.gateways.port import Capability, Gateway, GatewayContext, Outcome, Result, Session, Started
from fhir_facade.payments.payment import Payment
from tests.people import NOW


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class Silent(FacadeError):
    """A gateway that does not answer."""


Fault = BaseException | Verdict | None
"""How a call ends: well, as a verdict says, or by raising."""


@dataclass
class FakePoster(Poster):
    """Keeps every telling.  ``faults``: how the next calls end, by their name; and whether it is recorded then."""

    faults: dict[str, list[tuple[Fault, bool]]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    during: Callable[[str, Posting], None] = lambda call, posting: None

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        self._begin("snapshot", posting)
        self._end("snapshot")
        return {"balance": Decimal("85.50")}

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        self._begin("tell", posting)
        assert snapshot["balance"] == Decimal("85.50")
        fault, recorded = self._fault("tell")
        if recorded:
            self.told[posting.payment] += 1
            self.amounts[posting.payment] = posting.amount
        if isinstance(fault, BaseException):
            raise fault
        return Told(fault or Verdict.POSTED, f"batch-{posting.payment}", ("overpaid",))

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        self._begin("found", posting)
        fault = self._end("found")
        if fault is not None:
            return Told(fault)
        there = posting.payment in self.amounts
        return Told(Verdict.POSTED, f"batch-{posting.payment}") if there else Told(Verdict.ABSENT)

    def _begin(self, call: str, posting: Posting) -> None:
        self.log.append(call)
        self.during(call, posting)

    def _fault(self, call: str) -> tuple[Fault, bool]:
        waiting = self.faults.get(call, [])
        return waiting.pop(0) if waiting else (None, True)

    def _end(self, call: str) -> Verdict | None:
        fault, _ = self._fault(call)
        if isinstance(fault, BaseException):
            raise fault
        return fault


FAULTS: Mapping[str, tuple[Fault, bool]] = {
    "not sent": (NotSent(), False),
    "declined": (Declined("not a valid method"), False),
    "unsure and recorded": (Unsure(), True),
    "unsure and lost": (Unsure(), False),
    "broken and recorded": (KeyError("claimpayments"), True),
    "broken and lost": (KeyError("claimpayments"), False),
    "source error and recorded": (Silent(), True),
    "undecided": (Verdict.UNDECIDED, True),
    "nothing wrong": (None, True),
}
"""How telling can end: what it raises or says, and whether the billing system has it then."""


class FakeGateway(Gateway):
    """Sessions by their reference.  ``silent``: so many calls are not answered, ``after`` they have done their work."""

    capabilities = frozenset({Capability.HOLD, Capability.CAPTURED_SINCE})
    hold_days = 7.0

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self.now = now
        self.sessions: dict[str, Result] = {}
        self.silent, self.surprising = 0, 0
        self.log: list[str] = []
        self.taken: Counter[str] = Counter()
        self.during: Callable[[str], None] = lambda call: None

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: GatewayContext) -> Gateway:
        return cls(context.now)

    def start(self, session: Session) -> Started:
        raise NotImplementedError

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        raise NotImplementedError

    def stand(self, payment: Payment, outcome: Outcome, amount: Decimal | None = None) -> Result:
        """Let the session of this payment stand so."""
        result = Result(
            payment.id, payment.reference, outcome, amount or payment.amount, payment.currency, self.now(), "card"
        )
        if outcome is Outcome.CAPTURED and self.sessions.get(payment.reference, result).outcome is not outcome:
            self.taken[payment.reference] += 1
        self.sessions[payment.reference] = result
        return result

    def ask(self, reference: str) -> Result:
        self._begin("ask")
        return self.sessions[reference]

    def capture(self, reference: str, amount: Decimal) -> Result:
        now = self.sessions[reference]
        if now.outcome is Outcome.AUTHORIZED:
            self.taken[reference] += 1
            self.sessions[reference] = replace(now, outcome=Outcome.CAPTURED, amount=amount, at=self.now())
        self._begin("capture")
        return self.sessions[reference]

    def release(self, reference: str) -> Result:
        now = self.sessions[reference]
        if now.outcome in (Outcome.AUTHORIZED, Outcome.OPEN):
            self.sessions[reference] = replace(now, outcome=Outcome.RELEASED)
        self._begin("release")
        return self.sessions[reference]

    def captured_since(self, since: dt.datetime) -> Iterable[Result]:
        self._begin("captured_since")
        captured = [each for each in self.sessions.values() if each.outcome is Outcome.CAPTURED]
        return [each for each in captured if each.at is not None and each.at >= since]

    def _begin(self, call: str) -> None:
        self.log.append(call)
        self.during(call)
        if self.silent:
            self.silent -= 1
            raise Silent
        if self.surprising:
            self.surprising -= 1
            raise KeyError("amount")


class Killed(BaseException):
    """What ``kill -9`` is to a worker: nothing that it would still have done is done."""


class Fate:
    """Kills at the n-th operation, and keeps dead what is dead."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def tick(self) -> None:
        self.count += 1
        if self.count >= self.at:
            raise Killed


class Mortal:
    """Something whose every call may be the last: killed before it, or after it."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._fate.tick()
            answer = found(*arguments, **named)
            self._fate.tick()
            return answer

        return call
