"""``/metadata``: the CapabilityStatement of this site.  https://hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from fhir_facade import wire
from fhir_facade.errors import IssuerUnavailable
from fhir_facade.search.definitions import parameters
from fhir_facade.specification.statement import statement

Discovery = Callable[[], Mapping[str, Any]]
OAuthUris = tuple[tuple[str, str], ...]

OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
"""Where clients of SMART 1 look for the issuer's endpoints.  https://hl7.org/fhir/smart-app-launch/1.0.0/conformance/"""

_URI_OF = {
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "register": "registration_endpoint",
    "manage": "management_endpoint",
    "introspect": "introspection_endpoint",
    "revoke": "revocation_endpoint",
}
_OF_THE_ISSUER = (
    "issuer",
    "jwks_uri",
    "authorization_endpoint",
    "token_endpoint",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "grant_types_supported",
    "registration_endpoint",
    "scopes_supported",
    "response_types_supported",
    "management_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "capabilities",
    "code_challenge_methods_supported",
)


def smart_configuration(issuer: Mapping[str, Any]) -> bytes:
    """``/.well-known/smart-configuration``: the issuer's own endpoints, as it publishes them.

    https://hl7.org/fhir/smart-app-launch/conformance.html
    """
    said = {name: issuer[name] for name in _OF_THE_ISSUER if name in issuer}
    return wire.encode({"capabilities": [], "code_challenge_methods_supported": ["S256"], **said})


def metadata(base_url: str, types: Collection[str], discovery: Discovery | None) -> Callable[[], bytes]:
    """``capability/CapabilityStatement.json``, narrowed to the types that the site's billing systems can fill.

    ``discovery`` is the issuer's metadata, from which its endpoints are told; None where callers are not asked for
    tokens, and no service for that is declared.
    """

    @lru_cache(maxsize=1)
    def written(uris: OAuthUris | None) -> bytes:
        return wire.encode(_written(base_url, types, uris))

    return lambda: written(None if discovery is None else _oauth_uris(discovery))


def _written(base_url: str, types: Collection[str], uris: OAuthUris | None) -> dict[str, Any]:
    whole: dict[str, Any] = statement()
    rest = whole["rest"][0]
    resources = [_resource(entry) for entry in rest["resource"] if entry["type"] in types]
    rest = rest | {"security": _security(rest["security"], uris), "resource": resources}
    return whole | {"implementation": whole["implementation"] | {"url": base_url}, "rest": [rest]}


def _security(security: dict[str, Any], uris: OAuthUris | None) -> dict[str, Any]:
    if uris is None:
        return {name: value for name, value in security.items() if name != "service"}
    told = [{"url": name, "valueUri": uri} for name, uri in uris]
    return ({"extension": [{"url": OAUTH_URIS, "extension": told}]} if told else {}) | security


def _oauth_uris(discovery: Discovery) -> OAuthUris:
    """Nothing while the issuer is down: what this server can do is told all the same."""
    try:
        issuer = discovery()
    except IssuerUnavailable:
        return ()
    return tuple((name, issuer[key]) for name, key in _URI_OF.items() if isinstance(issuer.get(key), str))


def _resource(entry: dict[str, Any]) -> dict[str, Any]:
    listed = [
        {"name": code, "definition": parameter.definition, "type": parameter.type}
        for code, parameter in parameters(entry["type"]).items()
    ]
    return entry | {"searchParam": listed}
