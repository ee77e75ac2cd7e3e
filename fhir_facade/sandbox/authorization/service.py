"""The authorization server on a loopback socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType

from fhir_facade.sandbox.athenahealth.server import LoopbackServer
from fhir_facade.sandbox.authorization.app import create_app
from fhir_facade.sandbox.authorization.clients import Client, Clients
from fhir_facade.sandbox.authorization.people import People


class DevelopmentAuthorizationServer:
    """A context manager: inside it, ``issuer`` answers.  ``port`` 0 is any free one; it listens on 127.0.0.1 only.

    ``base_url`` is the facade's.  Raises ``OSError`` where the port is taken.
    """

    def __init__(self, base_url: str, clients: Iterable[Client], port: int = 0, people: People | None = None) -> None:
        self.people = people or People()
        self._server = LoopbackServer(lambda environ, start: self._app(environ, start), port)
        self.issuer = self._server.url
        self._app: Callable[..., Iterable[bytes]] = create_app(self.issuer, base_url, Clients(clients), self.people)

    def __enter__(self) -> DevelopmentAuthorizationServer:
        self._server.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
