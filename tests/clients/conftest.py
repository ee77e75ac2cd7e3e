"""A facade on a loopback port, and tokens that it accepts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench import child
from fhir_facade.clock import utcnow
from tests.bell.issuing import Clock, IssuerStub, issuing
from tests.clients.provider import Provider, providing
from tests.clients.records import PATIENT
from tests.clients.site import served


class Facade:
    """One that runs, and the issuer that it trusts."""

    def __init__(self, base_url: str, issuer: IssuerStub) -> None:
        self.base_url, self.issuer = base_url, issuer

    def token(self, patient: str = PATIENT, scope: str = "patient/*.rs", **claims: Any) -> str:
        return self.issuer.token(aud=self.base_url, patient=patient, scope=scope, **claims)


@pytest.fixture(scope="package")
def facade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facade]:
    clock = Clock()
    clock.now = utcnow()
    with issuing(clock) as issuer:
        base_url = f"http://127.0.0.1:{child.free_port()}/fhir"
        issuer.metadata["openid-configuration"] |= {
            "authorization_endpoint": f"{issuer.url}/authorize",
            "token_endpoint": f"{issuer.url}/token",
        }
        with served(tmp_path_factory.mktemp("site"), base_url, issuer.url):
            yield Facade(base_url, issuer)


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    with providing() as provider:
        yield provider
