"""The endpoints of a server that the facade asks: short time-outs, small answers, no redirects, failures in our words.

An endpoint that did not answer is left alone for a moment, so that callers are not held up one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote_plus

import requests
from urllib3.exceptions import HTTPError

from fhir_facade import outgoing, wire
from fhir_facade.addresses import is_safe
from fhir_facade.errors import Withheld
from fhir_facade.events import Event
from fhir_facade.outgoing import Left, countdown

CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
LARGEST_BODY = 1_000_000
REST = 5.0

Document = Mapping[str, Any]


class Endpoints:
    """Each is asked by a name for the log, which holds nothing of what is sent.  Safe for threads.

    ``failure`` is what is raised where an answer is missing, ``code`` the event that tells; ``clock`` is in seconds.
    """

    def __init__(
        self,
        session: requests.Session,
        failure: type[Withheld],
        code: Event,
        *,
        clock: Callable[[], float],
        event: Callable[..., None],
    ) -> None:
        self._session, self._failure, self._code, self._clock, self._event = session, failure, code, clock, event
        self._resting: dict[str, float] = {}

    def get(self, endpoint: str, url: Any) -> Document | None:
        """The JSON object at ``url``; None where something else is answered."""
        status, body = self.ask("GET", endpoint, url, countdown(READ_SECONDS))
        return json_object(body) if status == 200 else None

    def post(
        self,
        endpoint: str,
        url: Any,
        form: Mapping[str, str],
        user: tuple[str, str],
        left: Left | None = None,
        answers: Collection[str] = (),
    ) -> Document:
        """The JSON object that a form is answered with; https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1.

        ``answers`` are values of ``error`` in a 400 that answer the question, too.
        """
        name, password = (quote_plus(part) for part in user)
        left = left or countdown(READ_SECONDS)
        status, body = self.ask("POST", endpoint, url, left, data=form, auth=(name, password))
        found = json_object(body) if status in (200, 400) else None
        if found is None or (status == 400 and found.get("error") not in answers):
            raise self.failed(endpoint, f"answered {status}" if status != 200 else "answered 200 without a JSON object")
        return found

    def ask(self, method: str, endpoint: str, url: Any, left: Left, **sent: Any) -> tuple[int, bytes]:
        """Status and body, whatever they are; ``sent`` is requests' own."""
        if self._clock() < self._resting.get(endpoint, 0.0):
            raise self._failure(f"{endpoint}: did not answer a moment ago")
        if not isinstance(url, str) or not is_safe(url):
            raise self.failed(endpoint, "named no https URL")
        try:
            return self._asked(method, url, left, **sent)
        except (requests.Timeout, TimeoutError):
            said = "timed out"
        except (requests.RequestException, HTTPError, OSError, ValueError):
            said = "could not be reached"
        self._resting[endpoint] = self._clock() + REST
        raise self.failed(endpoint, said)

    def failed(self, endpoint: str, said: str) -> Withheld:
        """The failure to raise, after it is logged."""
        self._event(self._code, endpoint=endpoint, said=said)
        return self._failure(f"{endpoint}: {said}")

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _asked(
        self, method: str, url: str, left: Left, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> tuple[int, bytes]:
        seconds = left()
        if seconds <= 0:
            raise TimeoutError
        with self._session.request(
            method,
            url,
            headers={"Accept": "application/json", **(headers or {})},
            timeout=(min(CONNECT_SECONDS, seconds), seconds),
            allow_redirects=False,
            stream=True,
            **sent,
        ) as response:
            return response.status_code, outgoing.body(response, LARGEST_BODY, left)


def json_object(body: bytes) -> Document | None:
    """The JSON object that a body is, or None."""
    try:
        found = wire.decode(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
