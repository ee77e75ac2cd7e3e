"""Gateways with one fault each, and the behaviours that must notice it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any, ClassVar

from fhir_facade.gateways import signing, standing
from fhir_facade.gateways.errors import GatewayError
from fhir_facade.gateways.port import Capability, Gateway, Outcome, Result, Session, Started
from fhir_facade.gateways.redirect import Redirect

FAULTS: dict[type[Redirect], str] = {}
_NUMBERS = itertools.count()


def noticed_by(behaviours: str) -> Callable[[type[Redirect]], type[Redirect]]:
    """The behaviours, by number, that this gateway must fail."""

    def note(gateway: type[Redirect]) -> type[Redirect]:
        FAULTS[gateway] = behaviours
        return gateway

    return note


class Changing(Redirect):
    """What it is told is not what it says."""

    change: ClassVar[Mapping[str, Any]] = {}

    def ask(self, reference: str) -> Result:
        return replace(super().ask(reference), **self.change)

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        return [replace(result, **self.change) for result in super().notified(headers, body)]

    def capture(self, reference: str, amount: Decimal) -> Result:
        return replace(super().capture(reference, amount), **self.change)


def changed(**change: Any) -> type[Redirect]:
    return type("changed " + ", ".join(change), (Changing,), {"change": change})


FAULTS |= {
    changed(payment="another"): "2a 2b",
    changed(reference="another"): "2a 2b 7d",
    changed(outcome=Outcome.CAPTURED): "1c 2a 4a 4c",
    changed(outcome=Outcome.OPEN): "1b 2b 4a",
    changed(amount=85.5): "2b",
    changed(amount=Decimal("85.51")): "2b 4a",
    changed(currency="usd"): "2b 3a",
    changed(at=None): "2b 3a 4a",
    changed(at=dt.datetime(2026, 1, 1)): "2b 3a",  # noqa: DTZ001  a naive time
    changed(last4="4242424242424242"): "2b 3a",
    changed(brand="4242424242424242"): "2b 3a",
    changed(event=""): "3a",
}


@noticed_by("1a")
class Plain(Redirect):
    """Sends patients over plain http."""

    def start(self, session: Session) -> Started:
        return replace(super().start(session), url="http://pay.example.org/")


@noticed_by("1b")
class Beginner(Redirect):
    """Begins anew each time."""

    def start(self, session: Session) -> Started:
        return super().start(replace(session, payment=f"{session.payment}-{next(_NUMBERS)}"))


@noticed_by("1c")
class OneSession(Redirect):
    """Knows one session."""

    def start(self, session: Session) -> Started:
        return super().start(replace(session, payment="the one"))


@noticed_by("1d")
class Rounding(Redirect):
    """Rounds what does not fit."""

    def start(self, session: Session) -> Started:
        amount = session.amount if session.amount.is_finite() else Decimal(1)
        rounded = max(amount, Decimal("0.01")).quantize(Decimal("0.01"), ROUND_DOWN)
        return super().start(replace(session, amount=min(rounded, Decimal(10**6))))


@noticed_by("2c")
class Restless(Redirect):
    """Says another time at each question."""

    def ask(self, reference: str) -> Result:
        return replace(super().ask(reference), at=dt.datetime.fromtimestamp(next(_NUMBERS), dt.UTC))


@noticed_by("3b 3c 3d 3e")
class Believing(Redirect):
    """Believes everything that can be read."""

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        return [standing.standing(body).result()]


@noticed_by("3d 3e")
class Timeless(Redirect):
    """Looks at signatures alone."""

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        said = signing.parsed(headers.get(signing.HEADER, ""))
        if said is None or not signing.header_is_signed(self._secrets, "notification", said, body):
            raise self._freshness.refused("bad-signature")
        return [standing.standing(body).result()]


@noticed_by("3a 3d 3e")
class Deaf(Redirect):
    """Believes nothing."""

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        raise self._freshness.refused("bad-signature")


@noticed_by("4a 4b")
class Greedy(Redirect):
    """Takes all that is held, whatever is asked."""

    def capture(self, reference: str, amount: Decimal) -> Result:
        return super().capture(reference, Decimal("85.50"))


@noticed_by("4c 4d")
class Clinging(Redirect):
    """Does not let go."""

    def release(self, reference: str) -> Result:
        return self.ask(reference)


@noticed_by("5a")
class Keeping(Redirect):
    """Says that it gave back what it kept."""

    def void(self, reference: str) -> Result:
        result = self.ask(reference)
        return replace(result, outcome=Outcome.REFUNDED)


@noticed_by("6a")
class Forgetful(Redirect):
    """Lists one capture and no more."""

    def captured_since(self, since: dt.datetime) -> Iterable[Result]:
        return list(super().captured_since(since))[:1]


@noticed_by("6b")
class Talkative(Redirect):
    """Lists everything, whenever it was captured."""

    def captured_since(self, since: dt.datetime) -> Iterable[Result]:
        return super().captured_since(since - dt.timedelta(days=365))


@noticed_by("6a")
class Doubling(Redirect):
    """Lists each capture twice."""

    def captured_since(self, since: dt.datetime) -> Iterable[Result]:
        found = list(super().captured_since(since))
        return found + found


@noticed_by("7a")
class Silent(Redirect):
    """Does not answer."""

    def ping(self) -> None:
        raise GatewayError("no answer")


@noticed_by("7c")
class Boasting(Redirect):
    """Declares what it does not have."""

    capabilities = frozenset(Capability)
    void = Gateway.void  # type: ignore[assignment]


@noticed_by("7c")
class Brief(Redirect):
    """Holds amounts for no time."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.hold_days = 0.0


@noticed_by("7d")
class Mixing(Redirect):
    """Answers with what somebody else asked."""

    last = ""

    def ask(self, reference: str) -> Result:
        asked, type(self).last = type(self).last or reference, reference
        return super().ask(asked)
