"""Introspection and revocation: what a token still says, and the end of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from fhir_facade.sandbox.authorization.authorizations import Authorization, Authorizations
from fhir_facade.sandbox.authorization.clients import PRIVATE_KEY, PUBLIC, SECRETS, Client
from fhir_facade.sandbox.authorization.tokens import AccessTokens

RESOURCE_SERVER = "fhir-facade"
"""The facade's own client id, by which it asks about tokens."""


@dataclass(frozen=True)
class Known:
    """A token that was issued here: its authorization, and its claims if it is an access token."""

    authorization: Authorization
    claims: dict[str, Any] | None

    def check_client(self, client: Client) -> bool:
        return self.authorization.check_client(client)

    def is_expired(self) -> bool:
        return self.claims is not None and time.time() >= self.claims["exp"]

    def is_revoked(self) -> bool:
        return self.authorization.ended


@dataclass(frozen=True)
class TokensInForce:
    """Finds a token of either kind."""

    tokens: AccessTokens
    authorizations: Authorizations

    def find(self, token: str) -> Known | None:
        claims = self.tokens.claims(token)
        found = self.authorizations.of(token if claims is None else claims["jti"])
        if found is None or (claims is None and found.refresh_token != token):
            return None
        return Known(found, claims)


class Introspection(IntrospectionEndpoint):
    """For the facade, and for clients about their own tokens.  https://www.rfc-editor.org/rfc/rfc7662"""

    CLIENT_AUTH_METHODS = [*SECRETS, PRIVATE_KEY]

    def query_token(self, token_string: str, token_type_hint: str | None) -> Known | None:
        found: Known | None = self.server.in_force.find(token_string)
        return found

    def check_permission(self, token: Known, client: Client, request: Any) -> bool:
        return client.id == RESOURCE_SERVER or token.check_client(client)

    def introspect_token(self, token: Known) -> dict[str, Any]:
        if token.claims is not None:
            return {"active": True, "token_type": "Bearer", **token.claims}
        authorization = token.authorization
        return {"active": True, "client_id": authorization.client_id, "scope": authorization.scope}


class Revocation(RevocationEndpoint):
    """With a token ends all that was authorized with it.  https://www.rfc-editor.org/rfc/rfc7009"""

    CLIENT_AUTH_METHODS = [PUBLIC, *SECRETS, PRIVATE_KEY]

    def query_token(self, token_string: str, token_type_hint: str | None) -> Known | None:
        found: Known | None = self.server.in_force.find(token_string)
        return found

    def revoke_token(self, token: Known, request: Any) -> None:
        token.authorization.ended = True
