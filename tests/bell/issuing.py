"""An issuer on a loopback socket: its metadata, its keys, introspection, and tokens of any make."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from joserfc import jwk, jws
from werkzeug.wrappers import Request, Response

from fhir_facade.events import Event
from fhir_facade.sandbox.athenahealth.server import LoopbackServer

AUDIENCE = "https://facade.example.org/fhir"
USER = ("facade:1", "s e/c+ret")
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)

RSA = jwk.generate_key("RSA", 2048, {"kid": "rsa", "use": "sig"})
SECOND_RSA = jwk.generate_key("RSA", 2048, {"kid": "rsa-2", "use": "sig"})
EC = jwk.generate_key("EC", "P-256", {"kid": "ec", "alg": "ES256"})
EC_384 = jwk.generate_key("EC", "P-384", {"kid": "ec-384"})
UNFIT = jwk.generate_key("RSA", 2048, {"kid": "enc"})
FOR_ENCRYPTION = jwk.import_key({**UNFIT.as_dict(private=False), "use": "enc"})


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    @property
    def seconds(self) -> int:
        return int(self.now.timestamp())


class Heard:
    """An event log that keeps what it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[Event, dict[str, Any]]] = []

    def __call__(self, code: Event, **facts: str | int | float) -> None:
        self.events.append((code, facts))

    def of(self, code: Event) -> list[dict[str, Any]]:
        return [facts for each, facts in self.events if each is code]


class IssuerStub:
    """What the issuer publishes is data that a test may change; ``asked`` counts requests by their last path part."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.server = LoopbackServer(self._answer)
        self.url = self.server.url
        self.keys: list[jwk.Key] = [RSA, EC, EC_384, FOR_ENCRYPTION]
        self.metadata: dict[str, dict[str, Any]] = {
            "openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}
        }
        self.opaque: dict[str, dict[str, Any]] = {}
        self.replaced: dict[str, Response] = {}  # answers to give instead, by last path part
        self.asked: dict[str, int] = {}
        self.authorizations: list[str] = []

    def introspects(self) -> None:
        self.metadata["openid-configuration"]["introspection_endpoint"] = f"{self.url}/introspect"

    def claims(self, **other: Any) -> dict[str, Any]:
        """Good claims, with ``other`` instead; None leaves a claim out."""
        now = self.clock.seconds
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "anna", "iat": now, "exp": now + 3600}
        return {name: value for name, value in (good | other).items() if value is not None}

    def token(
        self, key: jwk.Key = RSA, algorithm: str = "RS256", header: Mapping[str, Any] | None = None, **claims: Any
    ) -> str:
        protected = {"alg": algorithm, "kid": key.kid, **(header or {})}
        return signed({k: v for k, v in protected.items() if v is not None}, json.dumps(self.claims(**claims)), key)

    def _answer(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        name = request.path.rpartition("/")[2]
        self.asked[name] = self.asked.get(name, 0) + 1
        return (self.replaced.get(name) or self._said(name, request))(environ, start)

    def _said(self, name: str, request: Request) -> Response:
        if name in self.metadata:
            return said(self.metadata[name])
        if name == "jwks":
            return said({"keys": [key.as_dict(private=False) for key in self.keys]})
        if name == "introspect" and request.method == "POST":
            self.authorizations.append(request.headers.get("Authorization", ""))
            return said(self.opaque.get(request.form["token"], {"active": False}))
        return Response("not here", 404)


@contextmanager
def issuing(clock: Clock) -> Iterator[IssuerStub]:
    """An issuer that is up."""
    stub = IssuerStub(clock)
    stub.server.open()
    with closing(stub.server):
        yield stub


def said(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def signed(header: Mapping[str, Any], payload: str, key: jwk.Key) -> str:
    registry = jws.JWSRegistry(algorithms=list(jws.JWSRegistry.algorithms), strict_check_header=False)
    return jws.serialize_compact(dict(header), payload, key, registry=registry)


def part(value: Any) -> str:
    """A part of a token that is made by hand."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
