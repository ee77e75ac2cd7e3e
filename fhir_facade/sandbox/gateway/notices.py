"""What the demo gateway tells the facade: signed, at once or when told to, and again where it did not arrive."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import requests

from fhir_facade import outgoing
from fhir_facade.gateways import signing, standing
from fhir_facade.gateways.port import Result
from fhir_facade.gateways.redirect import NOTIFICATION

_SECONDS = 5.0


@dataclass(frozen=True)
class Notice:
    """One notification for one address."""

    url: str
    result: Result

    @property
    def body(self) -> bytes:
        """As it is sent."""
        return standing.written(self.result)


class Notices:
    """``late`` is after how many seconds held ones go by themselves; None: when ``deliver`` is called.

    ``sent`` is every try, with the status that it got or "unreachable".
    """

    def __init__(self, keys: Sequence[str], now: Callable[[], dt.datetime], late: float | None) -> None:
        self.sent: list[tuple[Notice, int | str]] = []
        self._keys, self._now, self._late = keys, now, late
        self._held: list[Notice] = []
        self._mutex = threading.Lock()
        self._timers: list[threading.Timer] = []

    def made(self, url: str, result: Result) -> Notice:
        """A notice with an event id of its own."""
        return Notice(url, replace(result, event=f"evt-{secrets.token_hex(8)}"))

    def send(self, *notices: Notice) -> None:
        """Now, in this order; what does not arrive is held."""
        for notice in notices:
            status = self._tried(notice)
            self.sent.append((notice, status))
            if status == "unreachable" or (isinstance(status, int) and status >= 500):
                with self._mutex:
                    self._held.append(notice)

    def hold(self, *notices: Notice) -> None:
        """Later."""
        with self._mutex:
            self._held.extend(notices)
            if self._late is not None:
                timer = threading.Timer(self._late, self.deliver)
                timer.daemon = True
                self._timers.append(timer)
                timer.start()

    def deliver(self) -> int:
        """Send all that is held; how many there were."""
        with self._mutex:
            held, self._held = self._held, []
        self.send(*held)
        return len(held)

    def close(self) -> None:
        """Nothing goes by itself any more."""
        with self._mutex:
            for timer in self._timers:
                timer.cancel()

    def _tried(self, notice: Notice) -> int | str:
        time = int(self._now().timestamp())
        signed = signing.signed_header(self._keys, NOTIFICATION, time, secrets.token_hex(16), notice.body)
        headers = {"Content-Type": "application/json", signing.HEADER: signed}
        session = outgoing.session(notice.url, 1)
        try:
            return session.post(notice.url, notice.body, headers=headers, timeout=_SECONDS).status_code
        except requests.RequestException:
            return "unreachable"
        finally:
            session.close()
