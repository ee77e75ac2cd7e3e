"""The issuer as it describes itself: its metadata, its keys, and what it says of a token.

https://hl7.org/fhir/smart-app-launch/conformance.html, https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

from collections.abc import Callable

from fhir_facade.bell.kept import Kept
from fhir_facade.bell.keys import PublicKey, public_keys
from fhir_facade.endpoints import Document, Endpoints

KEYS, INTROSPECTION = "jwks_uri", "introspection_endpoint"
UNKNOWN_KEY_SPACING = 30.0  # seconds between fetches for the sake of a key that is not among those known

_NOT_FOR_THESE = "unsupported_token_type"  # https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1
_METADATA = ("smart-configuration", "openid-configuration")


class Issuer:
    """``name`` is as its tokens have it.  ``user`` is our client id and secret there, for introspection."""

    def __init__(
        self, name: str, user: tuple[str, str] | None, endpoints: Endpoints, clock: Callable[[], float]
    ) -> None:
        self._name, self._user, self._endpoints = name, user, endpoints
        self._metadata: Kept[Document] = Kept(self._described, clock)
        self._keys: Kept[list[PublicKey]] = Kept(self._published, clock)

    def metadata(self) -> Document:
        """What the issuer says of itself."""
        return self._metadata.get()

    def metadata_within(self, seconds: float) -> Document | None:
        """The same where it is known within ``seconds``.  Does not fail."""
        return self._metadata.within(seconds)

    def keys(self) -> list[PublicKey]:
        """The keys known."""
        return self._keys.get()

    def newer_keys(self) -> list[PublicKey]:
        """The keys fetched anew, unless that was done a moment ago."""
        return self._keys.anew(UNKNOWN_KEY_SPACING)

    def said_of(self, token: str) -> Document | None:
        """The issuer's answer about a token; None where it cannot be asked, or not about tokens of this kind.

        https://www.rfc-editor.org/rfc/rfc7662
        """
        if self._user is None or not (url := self.metadata().get(INTROSPECTION)):
            return None
        form = {"token": token, "token_type_hint": "access_token"}
        answer = self._endpoints.post(INTROSPECTION, url, form, self._user, answers=(_NOT_FOR_THESE,))
        if "active" not in answer and answer.get("error") == _NOT_FOR_THESE:
            return None
        return {name: value for name, value in answer.items() if value is not None}

    def _described(self) -> Document:
        found: dict[str, object] = {}
        for name in _METADATA:
            document = self._endpoints.get(name, f"{self._name.rstrip('/')}/.well-known/{name}")
            if document is None:
                continue
            if document.get("issuer", self._name) != self._name:
                raise self._endpoints.failed(name, "named another issuer")
            found = {**document, **found}
            if KEYS in found:
                break  # SMART's own document need not say where the keys are
        if not found:
            raise self._endpoints.failed(_METADATA[-1], "answered without metadata")
        return found

    def _published(self) -> list[PublicKey]:
        document = self._endpoints.get(KEYS, self.metadata().get(KEYS))
        published = None if document is None else document.get("keys")
        if not isinstance(published, list):
            raise self._endpoints.failed(KEYS, "answered without keys")
        return public_keys(published)
