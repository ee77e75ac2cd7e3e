"""The ways to an access token: by a code, by a refresh token, and by a client's own credentials.

https://hl7.org/fhir/smart-app-launch/app-launch.html, https://hl7.org/fhir/smart-app-launch/backend-services.html
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidGrantError, InvalidRequestError, grants

from fhir_facade.sandbox.authorization.authorizations import Authorization, new_token
from fhir_facade.sandbox.authorization.clients import PRIVATE_KEY, PUBLIC, SECRETS
from fhir_facade.sandbox.authorization.scopes import LAUNCH, LAUNCH_PATIENT

METHODS = (PUBLIC, *SECRETS, PRIVATE_KEY)


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    """A code for whoever signed in; ``request.user`` is the person."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    @staticmethod
    def validate_authorization_redirect_uri(request: Any, client: Any) -> str:
        """Required and compared as it is written; a fault in it is nowhere to be sent."""
        uri: str = request.payload.redirect_uri or ""
        if not client.check_redirect_uri(uri):
            raise InvalidRequestError("redirect_uri is none of this client's.")
        return uri

    def generate_authorization_code(self) -> str:
        return new_token()

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked, scopes = request.payload.data, request.scope.split()
        begun = self.server.authorizations.begin(request.client.id, request.scope, request.user, code)
        begun.redirect_uri, begun.code_challenge = asked["redirect_uri"], asked["code_challenge"]
        begun.nonce, begun.told = asked.get("nonce", ""), not {LAUNCH, LAUNCH_PATIENT}.isdisjoint(scopes)

    def query_authorization_code(self, code: str, client: Any) -> Authorization | None:
        found: Authorization | None = self.server.authorizations.redeem(code, client)
        return found

    def delete_authorization_code(self, authorization_code: Authorization) -> None:
        """Done when it was looked up."""

    def authenticate_user(self, authorization_code: Authorization) -> Authorization:
        return authorization_code


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """A refresh token holds once: with each access token comes the next."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_token_endpoint_client(self) -> Any:
        """A public app need not say who it is, because it could not prove it: the token says whose it is.

        https://hl7.org/fhir/smart-app-launch/app-launch.html#refresh-access-token
        """
        form = self.request.form
        if "client_id" in form or "client_assertion" in form or "Authorization" in (self.request.headers or ()):
            return super().authenticate_token_endpoint_client()
        found = self.server.authorizations.of(form.get("refresh_token", ""))
        owner = None if found is None else self.server.query_client(found.client_id)
        if owner is None or owner.method != PUBLIC:
            raise InvalidClientError(description="client_id is missing.")
        return owner

    def authenticate_refresh_token(self, refresh_token: str) -> Any:
        return self.server.authorizations.refreshable(refresh_token, self.request.client)

    def validate_token_request(self) -> None:
        super().validate_token_request()
        if not self.server.authorizations.spend(self.request.refresh_token, self.request.form["refresh_token"]):
            raise InvalidGrantError

    def authenticate_user(self, refresh_token: Authorization) -> Authorization:
        return refresh_token

    def revoke_old_credential(self, refresh_token: Any) -> None:
        """Done when it was spent."""


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    """SMART Backend Services: a system by its key."""

    TOKEN_ENDPOINT_AUTH_METHODS = (PRIVATE_KEY,)


def tell_the_patient(grant: Any) -> None:
    """The app reads beside its token whose records it may see, where it asked for that."""

    def told(grant: Any, response: tuple[int, dict[str, Any], Any]) -> None:
        acting: Authorization = grant.request.user
        if acting.told and acting.person is not None:
            response[1]["patient"] = acting.person.patient

    grant.register_hook("after_create_token_response", told)
