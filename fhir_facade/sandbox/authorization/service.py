"""The authorization server on a loopback socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType

from joserfc.jwk import KeySet

from fhir_facade.sandbox.athenahealth.server import LoopbackServer
from fhir_facade.sandbox.authorization.app import create_app
from fhir_facade.sandbox.authorization.clients import Client, Clients
from fhir_facade.sandbox.authorization.keys import signing_keys
from fhir_facade.sandbox.authorization.people import People
from fhir_facade.sandbox.authorization.protocol import Protocol


class DevelopmentAuthorizationServer:
    """A context manager: inside it, ``issuer`` answers.  ``port`` 0 is any free one; it listens on 127.0.0.1 only.

    ``base_url`` is the facade's.  ``clock``, in seconds of the epoch, is that of codes, launches and refresh tokens;
    ``keys``, which sign, are made where none are given.
    """

    def __init__(
        self,
        base_url: str,
        clients: Iterable[Client],
        port: int = 0,
        *,
        clock: Callable[[], float] = time.time,
        keys: KeySet | None = None,
    ) -> None:
        self.people = People()
        self._server = LoopbackServer(lambda environ, start: self._app(environ, start), port)
        self.issuer = self._server.url
        protocol = Protocol(self.issuer, base_url, Clients(clients), keys or signing_keys(), clock)
        self._app: Callable[..., Iterable[bytes]] = create_app(protocol, self.people)

    def __enter__(self) -> DevelopmentAuthorizationServer:
        self._server.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
