"""The index as an HTTP server: what is asked goes in bodies, never in URLs, and so many calls at once and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fhir_facade import wire
from fhir_facade.endpoints import Endpoints
from fhir_facade.errors import Withheld
from fhir_facade.mpi.authorization import Authorization
from fhir_facade.outgoing import Left

FHIR_JSON = "application/fhir+json"
CALLS_IN_FLIGHT = 16

Answer = tuple[int, bytes]


class Server:
    """``base_url`` is its FHIR base, without a slash at its end.  Safe for threads."""

    def __init__(self, base_url: str, endpoints: Endpoints, authorization: Authorization) -> None:
        self.base_url, self._endpoints, self._authorization = base_url, endpoints, authorization
        self._seats = threading.BoundedSemaphore(CALLS_IN_FLIGHT)

    def search(self, endpoint: str, form: dict[str, str], left: Left) -> Answer:
        """POST a search; an index that does not know a parameter is to say so.  https://hl7.org/fhir/R4/search.html"""
        return self._post(endpoint, left, {"Prefer": "handling=strict"}, data=form)

    def operate(self, endpoint: str, parameters: dict[str, Any], left: Left) -> Answer:
        """POST an operation's Parameters.  https://hl7.org/fhir/R4/operations.html#request"""
        return self._post(endpoint, left, {"Content-Type": FHIR_JSON}, data=wire.encode(parameters))

    def failed(self, endpoint: str, said: str) -> Withheld:
        """The failure to raise, after it is logged."""
        return self._endpoints.failed(endpoint, said)

    def close(self) -> None:
        """Close every connection."""
        self._endpoints.close()

    def _post(self, endpoint: str, left: Left, headers: dict[str, str], **sent: Any) -> Answer:
        with self._seat(endpoint, left):
            answer = self._sent(endpoint, left, headers, sent)
            if answer[0] == 401 and self._authorization.refused():
                answer = self._sent(endpoint, left, headers, sent)
            return answer

    def _sent(self, endpoint: str, left: Left, headers: dict[str, str], sent: dict[str, Any]) -> Answer:
        headers = {"Accept": FHIR_JSON, **headers, **self._authorization.header(left)}
        return self._endpoints.ask("POST", endpoint, f"{self.base_url}/{endpoint}", left, headers=headers, **sent)

    @contextmanager
    def _seat(self, endpoint: str, left: Left) -> Iterator[None]:
        if not self._seats.acquire(timeout=max(0.0, left())):
            raise self.failed(endpoint, f"has {CALLS_IN_FLIGHT} calls in flight")
        try:
            yield
        finally:
            self._seats.release()
