"""``/metadata``: the CapabilityStatement of this site.  https://hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fhir_facade import wire
from fhir_facade.search.definitions import parameters
from fhir_facade.specification.statement import statement

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


def metadata(base_url: str, types: Collection[str], *, smart: bool) -> bytes:
    """``capability/CapabilityStatement.json``, narrowed to the types that the site's billing systems can fill.

    ``smart``: callers are asked for tokens; where they are not, no service for that is declared.
    """
    written = statement()
    rest = written["rest"][0]
    if not smart:
        rest = rest | {"security": {name: value for name, value in rest["security"].items() if name != "service"}}
    resources = [_resource(entry) for entry in rest["resource"] if entry["type"] in types]
    return wire.encode(
        written
        | {"implementation": written["implementation"] | {"url": base_url}}
        | {"rest": [rest | {"resource": resources}]}
    )


def _resource(entry: dict[str, Any]) -> dict[str, Any]:
    listed = [
        {"name": code, "definition": parameter.definition, "type": parameter.type}
        for code, parameter in parameters(entry["type"]).items()
    ]
    return entry | {"searchParam": listed}
