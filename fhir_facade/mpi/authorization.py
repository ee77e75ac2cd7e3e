"""How the facade proves to the index who it is: by a token that it was given, or by one that it asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from fhir_facade.endpoints import Endpoints
from fhir_facade.errors import Withheld
from fhir_facade.outgoing import Left

ENDPOINT = "token_url"  # by the name of its setting
UNTOLD_LIFE = 300.0  # seconds that a token is taken to live where the answer does not say
SHORTENED = 0.9  # the part of its life after which it is asked for anew


class Authorization(Protocol):
    """What is said in the Authorization header."""

    def header(self, left: Left) -> dict[str, str]:
        """The header, if there is one."""

    def refused(self) -> bool:
        """It was answered with 401.  True where another one can be had."""


class Given(NamedTuple):
    """A token of the settings; none where it is empty."""

    token: str

    def header(self, left: Left) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def refused(self) -> bool:
        return False


class ClientCredentials:
    """A token by https://www.rfc-editor.org/rfc/rfc6749#section-4.4, asked for by one thread at a time."""

    def __init__(
        self, endpoints: Endpoints, url: str, user: tuple[str, str], scope: str, clock: Callable[[], float]
    ) -> None:
        self._endpoints, self._url, self._user, self._clock = endpoints, url, user, clock
        self._form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        self._token, self._until = "", 0.0
        self._lock = threading.Lock()

    def header(self, left: Left) -> dict[str, str]:
        if not self._lock.acquire(timeout=max(0.0, left())):
            raise self._failed("was not there in time")
        try:
            if self._clock() >= self._until:
                self._renew(left)
            return {"Authorization": f"Bearer {self._token}"}
        finally:
            self._lock.release()

    def refused(self) -> bool:
        self._until = 0.0
        return True

    def _renew(self, left: Left) -> None:
        answer = self._endpoints.post(ENDPOINT, self._url, self._form, self._user, left)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise self._failed("answered 200 without a token")
        self._token, self._until = token, self._clock() + SHORTENED * _life(answer.get("expires_in"))

    def _failed(self, said: str) -> Withheld:
        return self._endpoints.failed(ENDPOINT, said)


def _life(said: Any) -> float:
    """Seconds; some servers write them as text."""
    return float(said) if str(said).isascii() and str(said).isdecimal() else UNTOLD_LIFE
