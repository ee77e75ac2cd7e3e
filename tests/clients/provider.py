"""npm's ``oidc-provider`` as the issuer: what its clients do to get and to give back tokens."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import requests

from fhir_facade.clock import utcnow
from tests.bell.issuing import EC_384, USER, signed
from tests.clients.nodejs import Running, line, running, told
from tests.clients.records import PATIENT

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def _client(id: str, **more: Any) -> dict[str, Any]:
    """One that signs for itself: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html"""
    method = {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES384"}
    return {"client_id": id, "jwks": {"keys": [EC_384.as_dict(private=False)]}, **method, **more}


CLIENTS = (
    _client("rs256", facade_format="jwt", facade_alg="RS256", facade_patient=PATIENT),
    _client("es384", facade_format="jwt", facade_alg="ES384", facade_patient=PATIENT),
    _client("opaque", facade_format="opaque", facade_patient=PATIENT),
    _client("exchange", facade_format="opaque"),
    {"client_id": USER[0], "client_secret": USER[1], "grant_types": []},  # the facade itself
)


class Provider:
    """It runs at ``url``."""

    def __init__(self, process: Running) -> None:
        self._process = process
        self.url: str = line(process)

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """https://openid.net/specs/openid-connect-discovery-1_0.html"""
        return self._accepted(requests.get(f"{self.url}/.well-known/openid-configuration", timeout=10)).json()

    def token(self, client: str, audience: str, scope: str = "patient/*.rs") -> str:
        """An access token for the facade whose audience it is.  https://www.rfc-editor.org/rfc/rfc8707"""
        form = {"grant_type": "client_credentials", "scope": scope, "resource": audience}
        return self._asked("token_endpoint", client, form).json()["access_token"]

    def revoke(self, client: str, token: str) -> None:
        """https://www.rfc-editor.org/rfc/rfc7009"""
        self._asked("revocation_endpoint", client, {"token": token})

    def change_keys(self) -> None:
        """The old ones are published no longer."""
        told(self._process)

    def _asked(self, endpoint: str, client: str, form: dict[str, str]) -> requests.Response:
        signs = {"client_assertion_type": _JWT_BEARER, "client_assertion": self._assertion(client)}
        return self._accepted(requests.post(self.metadata[endpoint], data=form | signs, timeout=10))

    def _assertion(self, client: str) -> str:
        claims = {"iss": client, "sub": client, "aud": self.url, "jti": uuid.uuid4().hex}
        header = {"alg": "ES384", "kid": EC_384.kid, "typ": "JWT"}
        return signed(header, json.dumps(claims | {"exp": int(utcnow().timestamp()) + 60}), EC_384)

    def _accepted(self, response: requests.Response) -> requests.Response:
        assert response.status_code == 200, response.text
        return response


@contextmanager
def providing() -> Iterator[Provider]:
    """An issuer that is up."""
    with running("oidc-provider.mjs", clients=CLIENTS) as process:
        yield Provider(process)
