"""Tokens: issued for client credentials, at most so many a minute, good for a while (reference 2)."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import secrets
import threading

from fhir_facade.sandbox.athenahealth.answers import OVER_QUOTA, Answer
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.world import World

SCOPE = "athena/service/Athenanet.MDP.*"


class Tokens:
    """The tokens in force.  Thread-safe."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._expires: dict[str, dt.datetime] = {}
        self._minute: tuple[dt.datetime, int] = (dt.datetime.min.replace(tzinfo=dt.UTC), 0)
        self._lock = threading.Lock()

    def answer(self, ask: Ask) -> Answer:
        """``POST /oauth2/v1/token``.  The error bodies are those of RFC 6749 section 5.2 (inferred)."""
        if not self._within_limit():
            return OVER_QUOTA
        if _credentials(ask.authorization) != (self._world.client_id, self._world.client_secret):
            return Answer(401, {"error": "invalid_client"})
        if ask.form.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "unsupported_grant_type"})
        if SCOPE not in ask.form.get("scope", "").split():
            return Answer(400, {"error": "invalid_scope"})
        return Answer(200, self._issue(ask.form["scope"]))

    def accepts(self, token: str) -> bool:
        """Whether a token is in force."""
        expires = self._expires.get(token)
        return expires is not None and self._world.now() < expires

    def revoke(self, token: str) -> None:
        """End one token."""
        self._expires.pop(token, None)

    def revoke_all(self) -> None:
        """End every token."""
        self._expires.clear()

    def _issue(self, scope: str) -> dict[str, str | int]:
        token, seconds = secrets.token_urlsafe(24), self._world.token_seconds
        self._expires[token] = self._world.now() + dt.timedelta(seconds=seconds)
        lifetime = str(seconds) if self._world.expires_as_text else seconds
        return {"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "scope": scope}

    def _within_limit(self) -> bool:
        with self._lock:
            minute = self._world.now().replace(second=0, microsecond=0)
            used = self._minute[1] if self._minute[0] == minute else 0
            self._minute = (minute, used + 1)
            return self._world.tokens_per_minute is None or used < self._world.tokens_per_minute


def _credentials(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password
