"""The gateway port: a hosted page where a patient pays, and what it tells afterwards.

Card data never comes here: a gateway is given an amount and gives back a URL, then results.  Results come by a signed
notification or by asking, late, twice or in any order: each one says what is so *now*, and applying it twice changes
nothing.  A failure is a ``GatewayError`` (``fhir_facade.gateways.errors``), never a made-up result.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from fhir_facade.backends.port import EventLog, SharedStore, unheard
from fhir_facade.clock import utcnow


class Outcome(str, Enum):
    """What became of a session."""

    OPEN = "open"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"
    RELEASED = "released"  # a hold that was let go
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    RETURNED = "returned"


class Capability(str, Enum):
    """What not every gateway can do."""

    HOLD = "hold"  # authorize now, capture later
    VOID = "void"  # take a captured payment back on our word
    CAPTURED_SINCE = "captured-since"  # list what was captured


@dataclass(frozen=True)
class Session:
    """What a patient is to pay.  ``payment`` is the ledger's id, sealed for this gateway: it means nothing there.

    ``description`` names no person and no diagnosis.  ``return_url``: where the patient's browser goes afterwards;
    ``notify_url``: where the gateway tells us.
    """

    payment: str
    amount: Decimal
    currency: str
    description: str
    expires: dt.datetime
    return_url: str
    notify_url: str
    hold: bool = False


@dataclass(frozen=True)
class Started:
    """Where the patient goes, and the gateway's own reference to the session."""

    url: str
    reference: str


@dataclass(frozen=True)
class Result:
    """What a gateway says of a session.  ``amount`` is what was captured, held or given back; ``event`` its own id."""

    payment: str
    reference: str
    outcome: Outcome
    amount: Decimal | None = None
    currency: str = ""
    at: dt.datetime | None = None
    tender: str = ""
    brand: str = ""
    last4: str = ""
    event: str = ""


@dataclass(frozen=True)
class GatewayContext:
    """What the house lends a gateway when it opens it.  ``name`` is the gateway's name in the settings."""

    name: str
    store: SharedStore
    now: Callable[[], dt.datetime] = utcnow
    event: EventLog = unheard


class Gateway(ABC):
    """An online payment gateway.  ``settings_schema`` is the JSON Schema of its ``settings`` in ``facade.toml``.

    Every call that goes out has a time-out; none is tried again blindly, except where the gateway takes an
    idempotency key.  Safe for threads.
    """

    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    capabilities: frozenset[Capability] = frozenset()
    hold_days: float = 0.0  # how long it holds an amount

    @classmethod
    @abstractmethod
    def open(cls, settings: Mapping[str, Any], context: GatewayContext) -> Gateway:
        """Open with the site's settings, already judged by ``settings_schema``.  Makes no call."""

    @abstractmethod
    def start(self, session: Session) -> Started:
        """Begin a session.  The same ``payment`` begun twice is one session."""

    @abstractmethod
    def ask(self, reference: str) -> Result:
        """How a session stands now."""

    @abstractmethod
    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        """What a notification says, after its signature was verified over the raw body, its time is near, and it was
        not here before.  ``BadNotification`` otherwise.  Header names are lower-case."""

    def capture(self, reference: str, amount: Decimal) -> Result:
        """Take what is held, or less of it."""
        raise NotImplementedError

    def release(self, reference: str) -> Result:
        """Let go of what is held, or end a session that nobody has paid."""
        raise NotImplementedError

    def void(self, reference: str) -> Result:
        """Give a captured payment back."""
        raise NotImplementedError

    def captured_since(self, since: dt.datetime) -> Iterable[Result]:
        """All that was captured from then on."""
        raise NotImplementedError

    def ping(self) -> None:
        """Return if the gateway answers and takes our credentials; moves no money."""

    def close(self) -> None:
        """Give back connections."""
