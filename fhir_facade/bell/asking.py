"""Bytes to and from the issuer: short timeouts, small answers, no redirects, and failures in our words.

An endpoint that did not answer is left alone for a moment, so that callers are not held up one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote_plus, urlsplit

import requests
from urllib3.exceptions import HTTPError

from fhir_facade import wire
from fhir_facade.backends.port import EventLog
from fhir_facade.errors import IssuerUnavailable
from fhir_facade.events import Event

CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
LARGEST_BODY = 1_000_000
REST = 5.0
_CHUNK = 64 * 1024

Document = Mapping[str, Any]


class Asking:
    """Asks any endpoint of the issuer, each by the name that its metadata has for it.  Safe for threads."""

    def __init__(self, session: requests.Session, clock: Callable[[], float], event: EventLog) -> None:
        self._session, self._clock, self._event = session, clock, event
        self._resting: dict[str, float] = {}

    def get(self, endpoint: str, url: Any) -> Document | None:
        """The JSON object at ``url``; None where something else is answered."""
        status, body = self._exchange("GET", endpoint, url)
        return _object(body) if status == 200 else None

    def post(self, endpoint: str, url: Any, form: Mapping[str, str], user: tuple[str, str]) -> Document | None:
        """The JSON object that a form is answered with; None where the endpoint is not for tokens of this kind.

        https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1, https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1
        """
        name, password = (quote_plus(part) for part in user)
        status, body = self._exchange("POST", endpoint, url, data=form, auth=(name, password))
        found = _object(body)
        if status == 400 and found is not None and found.get("error") == "unsupported_token_type":
            return None
        if status != 200 or found is None:
            raise self.failed(endpoint, f"answered {status}" if status != 200 else "answered 200 without a JSON object")
        return found

    def failed(self, endpoint: str, said: str) -> IssuerUnavailable:
        """The failure to raise, after it is logged."""
        self._event(Event.ISSUER_FAILED, endpoint=endpoint, said=said)
        return IssuerUnavailable(f"{endpoint}: {said}")

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _exchange(self, method: str, endpoint: str, url: Any, **sent: Any) -> tuple[int, bytes]:
        if self._clock() < self._resting.get(endpoint, 0.0):
            raise IssuerUnavailable(f"{endpoint}: did not answer a moment ago")
        if not isinstance(url, str) or not safe(url):
            raise self.failed(endpoint, "named no https URL")
        try:
            return self._exchanged(method, url, **sent)
        except (requests.Timeout, TimeoutError):
            said = "timed out"
        except (requests.RequestException, HTTPError, OSError, ValueError):
            said = "could not be reached"
        self._resting[endpoint] = self._clock() + REST
        raise self.failed(endpoint, said)

    def _exchanged(self, method: str, url: str, **sent: Any) -> tuple[int, bytes]:
        with self._session.request(
            method,
            url,
            headers={"Accept": "application/json"},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
            **sent,
        ) as response:
            return response.status_code, _body(response)


def safe(url: str) -> bool:
    """https, or http that does not leave the machine; no user in it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return "@" not in parts.netloc and bool(host) and (parts.scheme == "https" or _is_local(parts.scheme, host))


def _is_local(scheme: str, host: str) -> bool:
    try:
        return scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _body(response: requests.Response) -> bytes:
    """The whole body; one that is too large, or drips, is a failure."""
    end, chunks, size = time.monotonic() + READ_SECONDS, [], 0
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise ValueError("an answer of more bytes than are read")
        if time.monotonic() > end:
            raise TimeoutError
    return b"".join(chunks)


def _object(body: bytes) -> Document | None:
    try:
        found = wire.decode(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
