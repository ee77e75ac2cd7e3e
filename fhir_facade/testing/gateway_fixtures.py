"""What the conformance suite has to be given about a payment gateway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import pytest

from fhir_facade.gateways.port import Capability, Gateway, Session, Started


class Notification(NamedTuple):
    """As the facade receives it, with those headers alone that it is proven by.  Names are lower-case."""

    headers: Mapping[str, str]
    body: bytes


class Counterpart(Protocol):
    """The other side of the gateway, in a test: its sandbox, or a stub of it."""

    def pay(self, session: Session, started: Started) -> None:
        """The patient pays, or lets the amount be held."""

    def notification(self, started: Started) -> Notification:
        """A notification about how the session stands now, signed at this moment, as the gateway would send it."""


Sessions = Callable[..., Session]
"""Makes a new session each time; takes ``amount`` (85.50 if not given) and ``hold``."""


class Desk(NamedTuple):
    """A gateway with its other side, and patients who pay there."""

    gateway: Gateway
    counterpart: Counterpart
    sessions: Sessions

    def paid(self) -> Started:
        """A session that was paid."""
        return self._visited(self.sessions())

    def held(self) -> Started:
        """A session whose amount is held; skips the test where none can be."""
        if Capability.HOLD not in self.gateway.capabilities:
            pytest.skip("does not declare the capability hold")
        return self._visited(self.sessions(hold=True))

    def _visited(self, session: Session) -> Started:
        started = self.gateway.start(session)
        self.counterpart.pay(session, started)
        return started


class GatewayFixtures:
    """Fixtures of ``GatewayContract``: three that must be given, two that may."""

    # You must give these.

    @pytest.fixture
    def gateway(self) -> Gateway:
        """The gateway, open, with all that it can do.  Close it after the test."""
        raise NotImplementedError("give a fixture: gateway")

    @pytest.fixture
    def counterpart(self) -> Counterpart:
        """The other side of it."""
        raise NotImplementedError("give a fixture: counterpart")

    @pytest.fixture
    def sessions(self) -> Sessions:
        """New sessions, each of a payment of its own, in a currency with two decimals."""
        raise NotImplementedError("give a fixture: sessions")

    # You may give these.

    @pytest.fixture
    def gateway_at(self) -> Callable[[dt.timedelta], Gateway]:
        """The same gateway with a clock that is so far ahead of the counterpart's."""
        pytest.skip("no fixture gateway_at: it is not proven that old notifications are refused")

    @pytest.fixture
    def sick_gateway(self) -> Gateway:
        """The gateway in front of a service that fails."""
        pytest.skip("no fixture sick_gateway: failures are not proven")

    # This is made of what you give.

    @pytest.fixture
    def desk(self, gateway: Gateway, counterpart: Counterpart, sessions: Sessions) -> Desk:
        """All three."""
        return Desk(gateway, counterpart, sessions)
