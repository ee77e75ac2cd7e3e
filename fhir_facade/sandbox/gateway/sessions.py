"""The demo gateway's sessions: what patients were asked, what they did, and what was taken and given back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from fhir_facade.gateways.port import Outcome, Result
from fhir_facade.gateways.redirect import UNKNOWN

TENDER, BRAND, LAST4 = "card", "visa", "4242"
LATER = frozenset({Outcome.DISPUTED, Outcome.RETURNED, Outcome.REFUNDED, Outcome.CAPTURED})
"""What can become of captured money; captured again is a dispute that was won."""

_ABOUT_MONEY = LATER | {Outcome.AUTHORIZED}


class Refusal(Exception):
    """What is asked cannot be done: an HTTP status, and a word of the protocol (empty: how the session stands)."""

    def __init__(self, status: int, word: str = "") -> None:
        super().__init__(word)
        self.status, self.word = status, word


@dataclass
class Hosted:
    """One session.  ``amount`` is what is asked for; ``taken`` what was captured, ``back`` what was given back."""

    session: str
    amount: Decimal = Decimal(0)
    currency: str = ""
    description: str = ""
    hold: bool = False
    expires: dt.datetime | None = None
    return_url: str = ""
    notify_url: str = ""
    outcome: Outcome = Outcome.OPEN
    taken: Decimal = Decimal(0)
    back: Decimal = Decimal(0)
    at: dt.datetime | None = None
    captured: dt.datetime | None = None
    keys: set[str] = field(default_factory=set)

    def standing(self) -> Result:
        """How it stands, as the facade is told."""
        if self.outcome not in _ABOUT_MONEY:
            return Result(self.session, self.session, self.outcome, at=self.at)
        amounts = {Outcome.AUTHORIZED: self.amount, Outcome.REFUNDED: self.back}
        amount = amounts.get(self.outcome, self.taken)
        return Result(
            self.session, self.session, self.outcome, amount, self.currency, self.at, TENDER, BRAND, LAST4
        )  # fmt: skip


class Sessions:
    """All of them.  Safe for threads: each step is whole."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self._now, self._mutex = now, threading.RLock()
        self._sessions: dict[str, Hosted] = {}

    def begin(self, parameters: Mapping[str, str]) -> Hosted:
        """The session of a checkout URL whose signature was verified; the same URL, or another one, begins it once."""
        with self._mutex:
            known = self._sessions.get(parameters["session"])
            return known if known else self._sessions.setdefault(parameters["session"], _hosted(parameters))

    def find(self, session: str) -> Hosted:
        """The session, which may just have expired.  ``Refusal`` for one that nobody has begun."""
        with self._mutex:
            found = self._sessions.get(session)
            if found is None:
                raise Refusal(404, UNKNOWN)
            if found.outcome is Outcome.OPEN and found.expires and found.expires <= self._now():
                self._become(found, Outcome.EXPIRED)
            return found

    def pay(self, session: str) -> bool:
        """The patient pays, or lets the amount be held.  False where the session has ended already."""
        with self._mutex:
            found = self.find(session)
            if found.outcome is not Outcome.OPEN:
                return False
            if found.hold:
                self._become(found, Outcome.AUTHORIZED)
            else:
                self._take(found, found.amount)
            return True

    def decline(self, session: str) -> bool:
        """The patient's bank says no.  False where the session has ended already."""
        with self._mutex:
            found = self.find(session)
            if found.outcome is not Outcome.OPEN:
                return False
            self._become(found, Outcome.DECLINED)
            return True

    def capture(self, session: str, key: str, amount: Decimal) -> Result:
        """Take what is held, or less; the rest is let go of."""
        with self._mutex:
            found = self.find(session)
            if key not in found.keys:
                _expect(found, Outcome.AUTHORIZED)
                if not 0 < amount <= found.amount:
                    raise Refusal(422, "amount")
                self._take(found, amount)
                found.keys.add(key)
            return found.standing()

    def release(self, session: str, key: str) -> Result:
        """Let go of a hold, or end a session; one that was never begun cannot be begun any more."""
        with self._mutex:
            found = self._sessions.setdefault(session, Hosted(session))
            if key not in found.keys:
                _expect(self.find(session), Outcome.AUTHORIZED, Outcome.OPEN)
                self._become(found, Outcome.RELEASED)
                found.keys.add(key)
            return found.standing()

    def refund(self, session: str, key: str) -> Result:
        """Give all of it back."""
        with self._mutex:
            found = self.find(session)
            if key not in found.keys:
                _expect(found, Outcome.CAPTURED)
                found.back = found.taken
                self._become(found, Outcome.REFUNDED)
                found.keys.add(key)
            return found.standing()

    def later(self, session: str, outcome: Outcome) -> Result:
        """What a bank does to captured money, or a clerk."""
        with self._mutex:
            found = self.find(session)
            if outcome not in LATER or not found.taken:
                raise Refusal(409)
            found.back = Decimal(0) if outcome is Outcome.CAPTURED else found.taken
            self._become(found, outcome)
            return found.standing()

    def captured(self, since: dt.datetime) -> list[Hosted]:
        """What was captured from then on, in that order."""
        with self._mutex:
            taken = [(each.captured, each.session, each) for each in self._sessions.values() if each.captured]
        return [each for at, _, each in sorted(taken, key=lambda one: one[:2]) if at >= since]

    def all(self) -> list[Hosted]:
        """Every session, in the order of their beginning."""
        with self._mutex:
            return list(self._sessions.values())

    def _take(self, found: Hosted, amount: Decimal) -> None:
        found.taken, found.captured = amount, self._now()
        self._become(found, Outcome.CAPTURED)

    def _become(self, found: Hosted, outcome: Outcome) -> None:
        found.at = self._now()  # first: whoever reads meanwhile sees no outcome without its time
        found.outcome = outcome


def _expect(found: Hosted, *outcomes: Outcome) -> None:
    if found.outcome not in outcomes:
        raise Refusal(409)


def _hosted(parameters: Mapping[str, str]) -> Hosted:
    return Hosted(
        session=parameters["session"],
        amount=Decimal(parameters["amount"]),
        currency=parameters["currency"],
        description=parameters["description"],
        hold=parameters["capture"] == "manual",
        expires=dt.datetime.fromisoformat(parameters["expires"]),
        return_url=parameters["return_url"],
        notify_url=parameters["notify_url"],
    )
