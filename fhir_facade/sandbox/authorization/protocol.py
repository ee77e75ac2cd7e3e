"""OAuth's endpoints, put together from Authlib's parts and ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import UnsupportedResponseTypeError
from joserfc.jwk import KeySet

from fhir_facade.sandbox.authorization.assertion import ClientAssertion
from fhir_facade.sandbox.authorization.authorizations import Authorizations
from fhir_facade.sandbox.authorization.clients import PRIVATE_KEY, Clients
from fhir_facade.sandbox.authorization.demands import S256, Audience, IdToken, Launched
from fhir_facade.sandbox.authorization.endpoints import Introspection, Revocation, TokensInForce
from fhir_facade.sandbox.authorization.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    tell_the_patient,
)
from fhir_facade.sandbox.authorization.launches import Launches
from fhir_facade.sandbox.authorization.registration import Registration
from fhir_facade.sandbox.authorization.tokens import AccessTokens


class Protocol(AuthorizationServer):
    """``issuer`` is where it is served, ``base_url`` the facade's.  ``clock`` is in seconds of the epoch."""

    def __init__(
        self, issuer: str, base_url: str, clients: Clients, keys: KeySet, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(None, clients.find, lambda token, request: None)
        self.issuer, self.base_url, self.clients, self.keys = issuer, base_url, clients, keys
        self.launches, self.authorizations = Launches(clock), Authorizations(clock)
        self.tokens = AccessTokens(issuer, base_url, keys, self.authorizations)
        self.in_force = TokensInForce(self.tokens, self.authorizations)
        self.register_token_generator("default", self.tokens)
        self.register_client_auth_method(PRIVATE_KEY, ClientAssertion([f"{issuer}/token", issuer], clock))
        id_token = IdToken(issuer, base_url, keys)
        demands: list[Callable[[Any], None]] = [S256(), Audience(base_url), Launched(self.launches), id_token]
        self.register_grant(AuthorizationCodeGrant, [*demands, tell_the_patient])
        self.register_grant(RefreshTokenGrant, [tell_the_patient])
        self.register_grant(ClientCredentialsGrant)
        self.register_endpoint(Introspection)
        self.register_endpoint(Revocation)
        self.register_endpoint(Registration(clients))  # type: ignore[arg-type]  # no Endpoint to the types alone

    def get_authorization_grant(self, request: Any) -> Any:
        """As Authlib finds it, which describes a ``response_type`` that it does not know by that type alone."""
        try:
            return super().get_authorization_grant(request)
        except UnsupportedResponseTypeError as error:
            error.description = "response_type must be code."
            raise
