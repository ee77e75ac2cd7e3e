"""What an app must send to the authorization endpoint beside what OAuth itself asks for: PKCE, ``aud`` and ``launch``.

https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc.jwk import KeySet

from fhir_facade.sandbox.authorization.authorizations import Authorization
from fhir_facade.sandbox.authorization.clients import Client
from fhir_facade.sandbox.authorization.keys import ALGORITHM
from fhir_facade.sandbox.authorization.launches import Launches
from fhir_facade.sandbox.authorization.scopes import FHIR_USER, LAUNCH, LAUNCH_PATIENT

_HOOK = "after_validate_authorization_request_payload"


class S256(CodeChallenge):
    """PKCE by S256 of everybody, confidential clients included."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge is needed, with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class Audience:
    """Tokens are for one FHIR server, and the app says that it means this one."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def __call__(self, grant: Any) -> None:
        grant.register_hook(_HOOK, self._validate)

    def _validate(self, grant: Any, redirect_uri: str) -> None:
        if grant.request.payload.data.get("aud") != self._base_url:
            raise InvalidRequestError(f"aud must be {self._base_url}")


class Launched:
    """An app that was started from within an EHR says by which launch."""

    def __init__(self, launches: Launches) -> None:
        self._launches = launches

    def __call__(self, grant: Any) -> None:
        grant.register_hook(_HOOK, self._validate)

    def _validate(self, grant: Any, redirect_uri: str) -> None:
        scopes, launch = (grant.request.payload.scope or "").split(), grant.request.payload.data.get("launch", "")
        by_itself = LAUNCH_PATIENT in scopes and not launch  # an app that can be started either way may ask for both
        if LAUNCH in scopes and not by_itself and self._launches.person(launch) is None:
            raise InvalidRequestError("launch is none that was started here in the last minutes.")


class IdToken(OpenIDCode):
    """Who signed in, for apps that ask for ``openid``; ``fhirUser`` is the URL of their Patient."""

    def __init__(self, issuer: str, base_url: str, keys: KeySet) -> None:
        super().__init__()
        self._issuer, self._base_url, self._keys = issuer, base_url, keys

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """Replays are for the app to notice, which knows what it sent."""
        return False

    def resolve_client_private_key(self, client: Client) -> KeySet:
        return self._keys

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def get_client_claims(self, client: Client) -> dict[str, str]:
        return {"iss": self._issuer, "aud": client.id}

    def generate_user_info(self, user: Authorization, scope: str) -> UserInfo:
        info = UserInfo(sub=user.get_user_id())
        if FHIR_USER in scope.split() and user.person is not None:
            info["fhirUser"] = f"{self._base_url}/Patient/{user.person.patient}"
        return info
