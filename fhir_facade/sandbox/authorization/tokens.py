"""Access tokens: JWTs that say who may see what of whom.  https://www.rfc-editor.org/rfc/rfc9068"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fhir_facade.sandbox.authorization.authorizations import Authorization, Authorizations, new_token
from fhir_facade.sandbox.authorization.clients import Client
from fhir_facade.sandbox.authorization.keys import ALGORITHM
from fhir_facade.sandbox.authorization.scopes import OFFLINE, ONLINE

SECONDS = 3600


class AccessTokens(JWTBearerTokenGenerator):
    """Makes them, and reads those that it made.  ``audience`` is the facade's base URL."""

    def __init__(self, issuer: str, audience: str, keys: KeySet, authorizations: Authorizations) -> None:
        super().__init__(issuer, ALGORITHM, self._refresh_token, SECONDS)
        self.audience, self._keys, self._authorizations = audience, keys, authorizations

    def generate(
        self,
        grant_type: str,
        client: ClientMixin,
        user: Authorization | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, str | int]:
        """The token endpoint's answer.  Without a ``user`` the client acts by itself; to stay is a scope of its own."""
        allowed = self.get_allowed_scope(client, scope or "")
        acting = user or self._authorizations.begin(client.get_client_id(), allowed)
        lasting = include_refresh_token and not {OFFLINE, ONLINE}.isdisjoint(acting.scope.split())
        return super().generate(grant_type, client, acting, allowed, expires_in, lasting)

    def get_jwks(self) -> KeySet:
        return self._keys

    def get_audiences(self, client: Client, user: Authorization, scope: str) -> str:
        return self.audience

    def get_jti(self, client: Client, grant_type: str, user: Authorization, scope: str) -> str:
        return new_token(user.id)

    def get_extra_claims(self, client: Client, grant_type: str, user: Authorization, scope: str) -> dict[str, str]:
        """The patient, whatever the app is told: ``user/`` scopes are about them, too."""
        return {} if user.person is None else {"patient": user.person.patient}

    def claims(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that was made here, expired or not."""
        try:
            return jwt.decode(token, self._keys, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            return None

    def _refresh_token(self, client: Client, grant_type: str, user: Authorization, scope: str) -> str:
        return self._authorizations.renew(user)
