"""The demo gateway on a loopback socket."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from fhir_facade.clock import utcnow
from fhir_facade.gateways.port import Outcome
from fhir_facade.gateways.redirect import CAPTURE, CAPTURED, REFUND, RELEASE, STATUS
from fhir_facade.sandbox.athenahealth.server import LoopbackServer
from fhir_facade.sandbox.gateway.app import CHECKOUT, create_app
from fhir_facade.sandbox.gateway.ask import Judge
from fhir_facade.sandbox.gateway.faults import Fault, Faults
from fhir_facade.sandbox.gateway.notices import Notices
from fhir_facade.sandbox.gateway.sessions import Sessions


class DemoGateway:
    """A context manager: inside it, a hosted page answers that speaks the redirect protocol.  ``port`` 0 is any.

    ``late``: after how many seconds a notification that is late goes by itself; None: at ``deliver``.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        secret: str = "",
        now: Callable[[], dt.datetime] = utcnow,
        late: float | None = None,
    ) -> None:
        self.secret = secret or secrets.token_hex(32)
        self.sessions = Sessions(now)
        self.notices = Notices((self.secret,), now, late)
        self._faults = Faults()
        app = create_app(Judge((self.secret,), now), self.sessions, self.notices, self._faults)
        self._server = LoopbackServer(app, port)

    def __enter__(self) -> DemoGateway:
        self._server.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()
        self.notices.close()
        self._server.close()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:port``"""
        return self._server.url

    @property
    def settings(self) -> Mapping[str, Any]:
        """The ``settings`` of a ``[[gateway]]`` of type ``redirect`` that is this one, with all that it can do."""
        page = f"{self.url}{CHECKOUT}"
        urls = {f"{name}_url": f"{page}/{name}" for name in (STATUS, CAPTURE, RELEASE, REFUND, CAPTURED)}
        return {"url": page, "secret": self.secret, **urls}

    def fault(self, kind: str, endpoint: str = "", times: int | None = None) -> Fault:
        """Switch a fault on, for the next ``times`` calls of an endpoint (``capture``), or until reset."""
        return self._faults.add(kind, endpoint, times)

    def reset(self) -> None:
        """Switch every fault off and let go of the calls that hang."""
        self._faults.reset()

    def deliver(self) -> int:
        """Send the notifications that are held; how many there were."""
        return self.notices.deliver()

    def later(self, session: str, outcome: Outcome) -> None:
        """What a bank does to captured money, and the facade is notified of."""
        result = self.sessions.later(session, outcome)
        self.notices.send(self.notices.made(self.sessions.find(session).notify_url, result))

    def captured(self) -> Mapping[str, tuple[str, str]]:
        """Amount and currency that were captured, by session."""
        return {each.session: (f"{each.taken:f}", each.currency) for each in self.sessions.all() if each.taken}
