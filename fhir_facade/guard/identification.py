"""From a token's claims to the caller: their patients, their scopes, and what their client is bound to."""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from cachetools import LRUCache

from fhir_facade import wire
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.people import NumbersOf, People
from fhir_facade.guard.scopes import scopes
from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import Client, Security

Claims = Mapping[str, Any]

_REMEMBERED = 4_096


class _Known(NamedTuple):
    claims: Claims
    caller: Caller
    until: float  # seconds of the epoch


class Identification:
    """``claims`` judges an Authorization header; it answers with one and the same object as long as it remembers it.

    ``people`` is made anew for each caller: asking for one may take so long, and what is said holds so long.
    """

    def __init__(
        self,
        claims: Callable[[str], Claims],
        people: Callable[[], People],
        clients: Iterable[Client],
        security: Security,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._claims, self._people, self._now = claims, people, now
        self._patient_claim, self._scope_names = security.patient_claim, security.scope_names
        self._clients = {client.id: client for client in clients}
        self._known: LRUCache[int, _Known] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()

    def caller(self, authorization: str) -> Caller:
        """Who sent this header; ``Unauthenticated`` where it is not known."""
        claims = self._claims(authorization)
        with self._lock:
            known = self._known.get(id(claims))
        if known is None or known.claims is not claims or self._now().timestamp() >= known.until:
            people = self._people()
            known = _Known(claims, self._caller(claims, people), people.index.until)
            with self._lock:
                self._known[id(claims)] = known
        return known.caller

    def _caller(self, claims: Claims, people: People) -> Caller:
        """A client is known by client_id, else azp, else sub (design.md §2)."""
        id = next((claims[name] for name in ("client_id", "azp", "sub") if claims.get(name)), "")
        client = self._clients.get(id) if isinstance(id, str) else None
        persons = self._persons(claims, people)
        return Caller(
            name=wire.encode([str(claims.get("iss", "")), str(id), str(claims.get("sub", ""))]).decode(),
            patients=frozenset(key for keys in persons.values() for key in keys),
            authorities=None if client is None else frozenset(client.authorities),
            features=None if client is None else frozenset(client.features),
            scopes=scopes(self._granted(claims)),
            client=client is not None,
            token=str(claims.get("jti") or ""),
            persons={person: keys for person, keys in persons.items() if person},
        )

    def _granted(self, claims: Claims) -> str:
        """The scopes, in SMART's words where the site says what the issuer's mean; roles mean nothing else."""
        names = [name for text in _texts(claims.get("scope") or claims.get("scp")) for name in text.split(" ")]
        roles = [role for role in _texts(claims.get("roles")) if role in self._scope_names]
        return " ".join(self._scope_names.get(name, name) for name in (*names, *roles))

    def _persons(self, claims: Claims, people: People) -> NumbersOf:
        """Whom the token names, and those they or its subject act for."""
        today, found = self._now().date(), defaultdict[str, frozenset[PatientKey]](frozenset)
        named = [people.of_token(each, today) for each in _texts(claims.get(self._patient_claim))]
        acted_for = [people.of_subject(each, today) for each in _texts(claims.get("sub"))]
        for persons in (*named, *acted_for):
            for person, keys in persons.items():
                found[person] |= keys
        return found


def _texts(value: Any) -> list[str]:
    """A text, or those of a list; servers write either."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each]
