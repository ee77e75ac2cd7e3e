"""What the server says of itself, to apps and to the facade.

https://hl7.org/fhir/smart-app-launch/conformance.html, https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

from typing import Any

from fhir_facade.sandbox.authorization.assertion import ALGORITHMS
from fhir_facade.sandbox.authorization.clients import CLIENT_CREDENTIALS, CODE, PRIVATE_KEY, PUBLIC, REFRESH, SECRETS
from fhir_facade.sandbox.authorization.keys import ALGORITHM
from fhir_facade.sandbox.authorization.scopes import SUPPORTED

ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "introspection_endpoint": "introspect",
    "revocation_endpoint": "revoke",
    "registration_endpoint": "register",
    "jwks_uri": "jwks",
}
CAPABILITIES = (
    "launch-standalone",
    "launch-ehr",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-standalone-patient",
    "context-ehr-patient",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
)


def smart_configuration(issuer: str) -> dict[str, Any]:
    """``/.well-known/smart-configuration``."""
    methods = [PUBLIC, *SECRETS, PRIVATE_KEY]
    return {
        "issuer": issuer,
        **{name: f"{issuer}/{path}" for name, path in ENDPOINTS.items()},
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": [CODE, REFRESH, CLIENT_CREDENTIALS],
        "scopes_supported": list(SUPPORTED),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": list(CAPABILITIES),
    }


def openid_configuration(issuer: str) -> dict[str, Any]:
    """``/.well-known/openid-configuration``: the same, and what OpenID Connect asks for beside it."""
    return smart_configuration(issuer) | {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "response_modes_supported": ["query"],
        "claims_supported": ["sub", "fhirUser"],
    }


DOCUMENTS = {
    "smart-configuration": smart_configuration,
    "openid-configuration": openid_configuration,
    "oauth-authorization-server": openid_configuration,
}
