"""Systems that call by themselves: known by a key, and by a proof that holds once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from fhir_facade.sandbox.authorization import Client, DevelopmentAuthorizationServer
from fhir_facade.sandbox.authorization.clients import CLIENT_CREDENTIALS, PRIVATE_KEY
from fhir_facade.sandbox.authorization.scopes import SYSTEM_LEVELS
from tests.sandbox.authorization.conftest import BASE, FACADE, Clock, claims

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "regional-hie"


@pytest.fixture
def key(server: DevelopmentAuthorizationServer, exchanges_key: Path) -> ECKey:
    assert exchanges_key.stat().st_mode & 0o077 == 0
    return ECKey.import_key(json.loads(exchanges_key.read_text()))


def proof(issuer: str, clock: Clock, key: Any, algorithm: str = "ES384", **other: Any) -> str:
    now = int(clock())
    good = {"iss": EXCHANGE, "sub": EXCHANGE, "aud": f"{issuer}/token", "exp": now + 240, "jti": uuid.uuid4().hex}
    said = {name: value for name, value in (good | other).items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": key.kid}, said, key, algorithms=[algorithm])


def asked(issuer: str, assertion: str, scope: str = "system/*.rs", **other: str) -> Any:
    form = {"grant_type": "client_credentials", "scope": scope, "client_assertion_type": ASSERTION}
    return requests.post(f"{issuer}/token", data=form | {"client_assertion": assertion} | other, timeout=10)


def test_a_system_gets_a_token_by_its_key(issuer: str, clock: Clock, key: ECKey) -> None:
    answer = asked(issuer, proof(issuer, clock, key), "system/Invoice.rs system/*.read patient/*.rs launch nonsense")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    said = claims(answer.json()["access_token"])
    assert said["scope"] == answer.json()["scope"] == "system/Invoice.rs system/*.read"
    assert (said["client_id"], said["sub"], said["aud"]) == (EXCHANGE, EXCHANGE, BASE)
    assert "patient" not in said


def test_a_stock_client_gets_one_too(issuer: str, key: ECKey) -> None:
    stock = OAuth2Session(EXCHANGE, key, token_endpoint_auth_method="private_key_jwt", scope="system/*.rs")
    way = PrivateKeyJWT(f"{issuer}/token", headers={"kid": key.kid}, alg="ES384")
    way.claims = {"exp": int(Clock()()) + 200}
    stock.register_client_auth_method(way)
    assert stock.fetch_token(f"{issuer}/token", grant_type="client_credentials")["token_type"] == "Bearer"


def test_a_proof_holds_once(issuer: str, clock: Clock, key: ECKey) -> None:
    assertion = proof(issuer, clock, key)
    assert asked(issuer, assertion).status_code == 200
    assert asked(issuer, assertion).json()["error"] == "invalid_client"
    assert asked(issuer, proof(issuer, clock, key)).status_code == 200


OTHER_KEY = ECKey.generate_key("P-384", {"kid": EXCHANGE})
STRANGE_KEY = ECKey.generate_key("P-384", {"kid": "strange"})
FAULTS: dict[str, dict[str, Any]] = {
    "another key of the same name": {"key": OTHER_KEY},
    "an unknown key": {"key": STRANGE_KEY},
    "a shared secret": {"key": OctKey.import_key("x" * 64, {"kid": EXCHANGE}), "algorithm": "HS384"},
    "no jti": {"jti": None},
    "no end": {"exp": None},
    "an end in words": {"exp": "tomorrow"},
    "an end that is long ago": {"exp": 1_000_000_000},
    "an end that is far away": {"exp": 9_000_000_000},
    "another audience": {"aud": "http://127.0.0.1:1/token"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "demo-app"},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "another subject": {"sub": "demo-app", "iss": "demo-app"},
    "an unknown subject": {"sub": "eve", "iss": "eve"},
    "a subject that is no text": {"sub": 5, "iss": 5},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_proof_proves_nothing(issuer: str, clock: Clock, key: ECKey, fault: str) -> None:
    answer = asked(issuer, proof(issuer, clock, **({"key": key} | FAULTS[fault])))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "é", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_proof_proves_nothing(issuer: str, assertion: str) -> None:
    assert asked(issuer, assertion).json()["error"] == "invalid_client"


def test_neither_an_id_nor_a_secret_will_do(issuer: str) -> None:
    form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    for user in (None, (EXCHANGE, "x"), FACADE, ("demo-confidential-app", "sandbox-secret")):
        answer = requests.post(f"{issuer}/token", data=form | {"client_id": EXCHANGE}, auth=user, timeout=10)
        assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize("scope", ["", "patient/*.rs", "openid", "system/Observation.rs"])
def test_a_system_has_scopes_of_systems(issuer: str, clock: Clock, key: ECKey, scope: str) -> None:
    assert asked(issuer, proof(issuer, clock, key), scope).json()["error"] == "invalid_scope"


@pytest.fixture
def rsa() -> Iterator[tuple[str, RSAKey]]:
    key = RSAKey.generate_key(2048, {"kid": EXCHANGE})
    public = KeySet([RSAKey.import_key(key.as_dict(private=False))])
    client = Client(EXCHANGE, "By RSA", PRIVATE_KEY, (CLIENT_CREDENTIALS,), SYSTEM_LEVELS, keys=public)
    with DevelopmentAuthorizationServer(BASE, [client]) as server:
        yield server.issuer, key


@pytest.mark.parametrize(("algorithm", "status"), [("RS384", 200), ("RS256", 400), ("RS512", 400)])
def test_rsa_signs_as_smart_says(rsa: tuple[str, RSAKey], algorithm: str, status: int) -> None:
    issuer, key = rsa
    assert asked(issuer, proof(issuer, Clock(), key, algorithm)).status_code == status
