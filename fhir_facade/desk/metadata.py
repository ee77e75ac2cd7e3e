"""``/metadata``: the CapabilityStatement of this site.  https://hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from types import MappingProxyType
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

OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_ENDPOINTS = {  # https://hl7.org/fhir/smart-app-launch/conformance.html#using-cs-deprecated
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "register": "registration_endpoint",
    "manage": "management_endpoint",
    "introspect": "introspection_endpoint",
    "revoke": "revocation_endpoint",
}
_URI = re.compile(r"https?://\S+")  # a FHIR uri has no space in it


def smart_configuration(issuer: Mapping[str, Any]) -> bytes:
    """``/.well-known/smart-configuration``: the issuer's own endpoints, as it publishes them.

    https://hl7.org/fhir/smart-app-launch/conformance.html
    """
    said = {name: issuer[name] for name in _OF_THE_ISSUER if name in issuer}
    return wire.encode({"capabilities": [], "code_challenge_methods_supported": ["S256"], **said})


class Metadata:
    """``capability/CapabilityStatement.json``, narrowed to the types that the site's billing systems can fill.

    ``operations`` are those that are offered, by type; ``creates`` the types that can be created.
    ``issuer`` tells what is known of the issuer of tokens; None where callers are not asked for tokens, so that no
    service for that is declared.
    """

    def __init__(
        self,
        base_url: str,
        types: Collection[str],
        issuer: Callable[[], Mapping[str, Any]] | None,
        operations: Mapping[str, Collection[str]] = MappingProxyType({}),
        creates: Collection[str] = (),
    ) -> None:
        self._written, self._issuer = statement(), issuer
        self._implementation = self._written["implementation"] | {"url": base_url}
        self._resources = [
            _resource(entry, operations.get(entry["type"], ()), creates=entry["type"] in creates)
            for entry in self._written["rest"][0]["resource"]
            if entry["type"] in types
        ]
        self._encoded = lru_cache(maxsize=8)(self._encode)  # the issuer hardly ever says something else

    def __call__(self) -> bytes:
        """The statement; the issuer's endpoints are in it once they are known."""
        return self._encoded(() if self._issuer is None else _endpoints(self._issuer()))

    def _encode(self, endpoints: tuple[tuple[str, str], ...]) -> bytes:
        rest = self._written["rest"][0]
        security = dict(rest["security"])
        if self._issuer is None:
            del security["service"]
        if endpoints:
            inner = [{"url": name, "valueUri": uri} for name, uri in endpoints]
            security = {"extension": [{"url": OAUTH_URIS, "extension": inner}], **security}
        rest = rest | {"security": security, "resource": self._resources}
        return wire.encode(self._written | {"implementation": self._implementation, "rest": [rest]})


def _endpoints(issuer: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the extension names; nothing unless there is a token endpoint, which it must have."""
    said = {name: issuer.get(endpoint) for name, endpoint in _ENDPOINTS.items()}
    found = tuple((name, uri) for name, uri in said.items() if isinstance(uri, str) and _URI.fullmatch(uri))
    return found if "token" in dict(found) else ()


def _resource(entry: dict[str, Any], operations: Collection[str], *, creates: bool) -> dict[str, Any]:
    listed = [
        {"name": code, "definition": parameter.definition, "type": parameter.type}
        for code, parameter in parameters(entry["type"]).items()
    ]
    interactions = [each for each in entry["interaction"] if creates or each["code"] != "create"]
    offered = [each for each in entry.get("operation", ()) if each["name"] in operations]
    without = () if creates else ("conditionalCreate",)
    whole = {key: value for key, value in entry.items() if key not in ("operation", *without)}
    return whole | {"interaction": interactions, "searchParam": listed} | ({"operation": offered} if offered else {})
