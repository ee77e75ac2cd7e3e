"""Registration: an app becomes a public client by saying where its users come back to, on this machine.

https://www.rfc-editor.org/rfc/rfc7591
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint, InvalidClientMetadataError
from authlib.oauth2.rfc7591.errors import InvalidRedirectURIError
from jsonschema import Draft202012Validator

from fhir_facade.sandbox.authorization.clients import CODE, PUBLIC, REFRESH, Client, Clients
from fhir_facade.sandbox.authorization.loopback import loopback_url

_TEXT = {"type": "string", "maxLength": 2_000}
_METADATA = Draft202012Validator(
    {
        "type": "object",
        "required": ["redirect_uris"],
        "properties": {
            "redirect_uris": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 20},
            "token_endpoint_auth_method": {"const": PUBLIC},
            "grant_types": {"type": "array", "items": {"enum": [CODE, REFRESH]}},
            "response_types": {"type": "array", "items": {"const": "code"}},
            "client_name": _TEXT,
            "scope": _TEXT,
        },
    }
)


class Registration(ClientRegistrationEndpoint):
    """Open to everybody, because everybody is on this machine.  What it does not know it leaves out."""

    def __init__(self, clients: Clients) -> None:
        super().__init__()
        self._clients = clients

    def __call__(self, request: Any) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        return self.create_registration_response(request)

    def authenticate_token(self, request: Any) -> bool:
        return True

    def get_server_metadata(self) -> dict[str, Any]:
        return {}

    def extract_client_metadata(self, request: Any) -> dict[str, Any]:
        said = request.payload.data
        fault = next(_METADATA.iter_errors(said), None)
        if fault is not None:
            path = ".".join(map(str, fault.absolute_path)) or "the body"
            raise InvalidClientMetadataError(f"{path} is not as this server takes it; clients here are public.")
        if not all(map(loopback_url, said["redirect_uris"])):
            raise InvalidRedirectURIError("redirect_uris must be http or https URLs on this machine.")
        known = {name: said[name] for name in ("redirect_uris", "client_name", "scope") if name in said}
        defaults = {"grant_types": [CODE, REFRESH], "response_types": ["code"]}
        return known | defaults | {"token_endpoint_auth_method": PUBLIC}

    def generate_client_info(self, request: Any) -> dict[str, Any]:
        """A public client has no secret."""
        return {"client_id": f"app-{secrets.token_urlsafe(9)}", "client_id_issued_at": int(time.time())}

    def save_client(self, client_info: dict[str, Any], client_metadata: dict[str, Any], request: Any) -> Client:
        uris = tuple(client_metadata["redirect_uris"])
        name = client_metadata.get("client_name") or client_info["client_id"]
        client = Client(client_info["client_id"], name, redirects=uris.__contains__)
        self._clients.register(client)
        return client
