"""The demo's clients: an app of either kind, a health exchange, and the facade itself, which asks about tokens."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from joserfc.jwk import ECKey, KeySet

from fhir_facade.sandbox.authorization.clients import CLIENT_CREDENTIALS, PRIVATE_KEY, SECRETS, Client
from fhir_facade.sandbox.authorization.endpoints import RESOURCE_SERVER
from fhir_facade.sandbox.authorization.loopback import loopback_url
from fhir_facade.sandbox.authorization.scopes import SYSTEM_LEVELS
from fhir_facade.sandbox.authorization.shortcut import DEMO_APP
from fhir_facade.sandbox.demo_settings import EXCHANGE, write_secret

CONFIDENTIAL_APP, CONFIDENTIAL_SECRET = "demo-confidential-app", "sandbox-secret"


def facades_secret() -> tuple[str, str]:
    """The facade's client id and a new secret for it."""
    return RESOURCE_SERVER, secrets.token_urlsafe(32)


def demo_clients(secret: str, exchanges_key: Path) -> tuple[Client, ...]:
    """``secret`` is the facade's; the exchange's private key is made, and written where it says, as a JWK."""
    key = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": EXCHANGE})
    exchanges_key.parent.mkdir(parents=True, exist_ok=True)
    write_secret(exchanges_key, json.dumps(key.as_dict(private=True)))
    public = KeySet([ECKey.import_key(key.as_dict(private=False))])
    by_secret = SECRETS[0]
    return (
        Client(DEMO_APP, "Demo app", redirects=loopback_url),
        Client(
            CONFIDENTIAL_APP, "Demo app with a secret", by_secret, redirects=loopback_url, secret=CONFIDENTIAL_SECRET
        ),
        Client(EXCHANGE, "Regional exchange", PRIVATE_KEY, (CLIENT_CREDENTIALS,), SYSTEM_LEVELS, keys=public),
        Client(RESOURCE_SERVER, "The facade", by_secret, (), frozenset(), secret=secret),
    )
