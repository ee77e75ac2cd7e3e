"""``private_key_jwt``: a client proves who it is by a signature, and each proof holds once.

https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from cachetools import TTLCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fhir_facade.sandbox.authorization.clients import PRIVATE_KEY, Client

ALGORITHMS = ("RS384", "ES384")
LONGEST = 300.0  # seconds that an assertion may be good for
_LEEWAY = 60
_MOST = 10_000


class ClientAssertion(JWTBearerClientAssertion):
    """``audiences`` are what an assertion may be meant for.  ``clock`` is in seconds of the epoch.

    Safe for threads.
    """

    CLIENT_AUTH_METHOD = PRIVATE_KEY  # type: ignore[misc]  # Authlib's own way to name it

    def __init__(self, audiences: list[str], clock: Callable[[], float]) -> None:
        super().__init__(leeway=_LEEWAY)
        self._audiences, self._clock = audiences, clock
        self._seen: TTLCache[tuple[str, str], bool] = TTLCache(_MOST, LONGEST + 2 * _LEEWAY, timer=clock)
        self._lock = threading.Lock()

    def get_audiences(self) -> list[str]:
        return self._audiences

    def resolve_client_public_key(self, client: Client) -> KeySet:
        if client.keys is None:
            raise InvalidClientError(description="The client has no key.")
        return client.keys

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], Any]:
        try:
            return super().extract_assertion(assertion)
        except ValueError:
            raise InvalidClientError(description="Invalid JWT assertion.") from None

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Signed in one of SMART's ways: Authlib's own are others."""
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            raise InvalidClientError(description="The signature is not one of this client.") from None
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        if not isinstance(claims.get("exp"), int | float) or claims["exp"] > self._clock() + LONGEST + _LEEWAY:
            raise InvalidClientError(description="exp must be at most five minutes away.")
        super().verify_claims(claims)

    def validate_jti(self, claims: dict[str, Any], jti: object) -> bool:
        """False for one that was used; where too many are remembered, a new one waits."""
        key = (str(claims["sub"]), str(jti))
        with self._lock:
            self._seen.expire()
            if key in self._seen or len(self._seen) >= _MOST:
                return False
            self._seen[key] = True
        return True
