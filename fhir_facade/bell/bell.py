"""The bell at the door: an Authorization header in, the claims of its token out, or a refusal."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import requests

from fhir_facade import outgoing
from fhir_facade.backends.port import EventLog
from fhir_facade.bell.claims import Claims, Expected
from fhir_facade.bell.header import LONGEST_HEADER, token
from fhir_facade.bell.issuer import Issuer
from fhir_facade.bell.memory import Memory
from fhir_facade.bell.refusal import Reason, Refusal
from fhir_facade.bell.signature import Verifier, header
from fhir_facade.endpoints import Endpoints
from fhir_facade.errors import IssuerUnavailable
from fhir_facade.events import Event
from fhir_facade.octets import octets

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
GLANCE_SECONDS = 0.5
GOOD_SECONDS, BAD_SECONDS = 300.0, 10.0  # for which a verdict holds at most
CONNECTIONS = 16


class Bell:
    """Judges the tokens of one issuer.  Safe for threads.

    ``introspection`` is our client id and secret at the issuer: with them opaque tokens are judged too, and a token
    that is revoked is noticed within ``revocation_seconds``.
    """

    def __init__(
        self,
        issuer: str,
        audiences: tuple[str, ...],
        *,
        introspection: tuple[str, str] | None,
        event: EventLog,
        now: Callable[[], dt.datetime],
        algorithms: tuple[str, ...] = ALGORITHMS,
        revocation_seconds: float = 60.0,
        leeway_seconds: float = 30.0,
        session: requests.Session | None = None,
    ) -> None:
        self._event, self._now, self._revocation = event, now, revocation_seconds
        self._endpoints = Endpoints(
            session or outgoing.session(issuer, CONNECTIONS),
            IssuerUnavailable,
            Event.ISSUER_FAILED,
            clock=self._clock,
            event=event,
        )
        self._issuer = Issuer(issuer, introspection, self._endpoints, self._clock)
        self._verifier = Verifier(self._issuer, algorithms)
        self._expected = Expected(issuer, frozenset(audiences), leeway_seconds)
        self._memory = Memory(self._clock)

    def claims(self, authorization: str) -> Mapping[str, Any]:
        """The claims of the token in the header, one and the same object while they are remembered.

        Raises ``Unauthenticated``, or ``IssuerUnavailable`` where the issuer must be asked and does not answer.
        """
        if not authorization:
            raise Reason.NO_TOKEN.error()
        if len(authorization) > LONGEST_HEADER:
            self._event(Event.CALLER_REFUSED, reason=Reason.MALFORMED.word)
            raise Reason.MALFORMED.error()
        key = hashlib.sha256(octets(authorization)).digest()
        verdict = self._memory.recall(key)
        if verdict is None:
            verdict = self._judged(authorization, key)
        if isinstance(verdict, Reason):
            raise verdict.error()
        return verdict

    def discovery(self) -> Mapping[str, Any]:
        """The issuer's metadata document; an hour old at most, unless the issuer is down."""
        return self._issuer.metadata()

    def glance(self) -> Mapping[str, Any]:
        """The same as far as it is known, and nothing where it is not: does not fail, and hardly waits."""
        return self._issuer.metadata_within(GLANCE_SECONDS) or {}

    def close(self) -> None:
        """Close every connection."""
        self._endpoints.close()

    def _clock(self) -> float:
        return self._now().timestamp()

    def _judged(self, authorization: str, key: bytes) -> Claims | Reason:
        try:
            claims, seconds = self._believed(token(authorization))
        except Refusal as refusal:
            if refusal.reason is not Reason.NO_TOKEN:
                self._event(Event.CALLER_REFUSED, reason=refusal.reason.word)
            self._memory.keep(key, refusal.reason, BAD_SECONDS)
            return refusal.reason
        found = MappingProxyType(dict(claims))
        self._memory.keep(key, found, seconds)
        return found

    def _believed(self, token: str) -> tuple[Claims, float]:
        """The claims, and for how many seconds they may be remembered."""
        head, now = header(token), self._clock()
        if head is None:
            return self._vouched_for(token, now)
        claims = self._verifier.claims(token, head)
        seconds = min(GOOD_SECONDS, self._expected.of_jwt(claims, now) - now)
        said = self._issuer.said_of(token)
        if said is None:
            return claims, seconds
        if said.get("active") is not True:
            raise Refusal(Reason.INACTIVE)
        return claims, min(seconds, self._revocation)

    def _vouched_for(self, token: str, now: float) -> tuple[Claims, float]:
        """The issuer's own answer about a token that says nothing itself."""
        said = self._issuer.said_of(token)
        if said is None:
            raise Refusal(Reason.OPAQUE)
        if said.get("active") is not True:
            raise Refusal(Reason.INACTIVE)
        return said, min(self._expected.of_introspection(said, now) - now, self._revocation)
