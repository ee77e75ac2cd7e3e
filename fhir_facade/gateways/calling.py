"""Calls to a gateway: one try each, a time-out, bodies within bounds, failures in our words, and a line in the log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

import requests
from urllib3.exceptions import HTTPError

from fhir_facade import outgoing
from fhir_facade.events import Event
from fhir_facade.gateways.errors import GatewayError, GatewaySurprised, GatewayTimedOut, GatewayUnreachable
from fhir_facade.gateways.port import GatewayContext
from fhir_facade.outgoing import countdown

CONNECT_SECONDS = 3.0
_CONNECTIONS = 16
_LARGEST_BODY = 8_000_000


class Reply(NamedTuple):
    """An answer, whatever it is.  Header names are lower-case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Caller:
    """For one gateway's server.  ``seconds`` is how long a call may take in all.  Safe for threads."""

    def __init__(self, url: str, context: GatewayContext, seconds: float) -> None:
        self._session = outgoing.session(url, _CONNECTIONS)
        self._context, self._seconds = context, seconds

    def call(
        self, endpoint: str, method: str, url: str, headers: Mapping[str, str], body: str | bytes | None = None
    ) -> Reply:
        """The answer.  ``endpoint`` is the word for the log, which holds nothing of the URL.

        Raises ``GatewayUnreachable`` or ``GatewayTimedOut``; neither is logged here, since a caller may try again.
        """
        began = time.monotonic()
        try:
            reply = self._called(method, url, headers, body)
        except (requests.Timeout, TimeoutError) as error:
            self._called_event(endpoint, "timed out", began)
            raise GatewayTimedOut(f"{endpoint}: timed out") from error
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            self._called_event(endpoint, "unreachable", began)
            raise GatewayUnreachable(f"{endpoint}: could not be reached") from error
        self._called_event(endpoint, reply.status, began)
        return reply

    def failed(self, endpoint: str, failure: GatewayError) -> GatewayError:
        """The failure to raise, after it is logged."""
        path = {"path": failure.path, "expected": failure.expected} if isinstance(failure, GatewaySurprised) else {}
        name, fault = self._context.name, type(failure).__name__
        self._context.event(Event.GATEWAY_FAILED, gateway=name, endpoint=endpoint, fault=fault, **path)
        return failure

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _called(self, method: str, url: str, headers: Mapping[str, str], body: str | bytes | None) -> Reply:
        left = countdown(self._seconds)
        with self._session.request(
            method,
            url,
            headers=headers,
            data=body,
            timeout=(min(CONNECT_SECONDS, self._seconds), self._seconds),
            allow_redirects=False,
            stream=True,
        ) as response:
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, outgoing.body(response, _LARGEST_BODY, left), names)

    def _called_event(self, endpoint: str, status: int | str, began: float) -> None:
        milliseconds = round((time.monotonic() - began) * 1000)
        name = self._context.name
        self._context.event(
            Event.GATEWAY_CALLED, gateway=name, endpoint=endpoint, status=status, milliseconds=milliseconds
        )
