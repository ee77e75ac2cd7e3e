"""From a token's claims to the caller: their patients, their scopes, and what their client is bound to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cachetools import LRUCache

from fhir_facade import wire
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.people import People
from fhir_facade.guard.scopes import scopes
from fhir_facade.settings.model import Client

Claims = Mapping[str, Any]

_REMEMBERED = 4_096


class Identification:
    """``claims`` judges an Authorization header; it answers with one and the same object as long as it remembers it."""

    def __init__(
        self, claims: Callable[[str], Claims], people: People, clients: Iterable[Client], patient_claim: str
    ) -> None:
        self._claims, self._people, self._patient_claim = claims, people, patient_claim
        self._clients = {client.id: client for client in clients}
        self._known: LRUCache[int, tuple[Claims, Caller]] = LRUCache(_REMEMBERED)

    def caller(self, authorization: str) -> Caller:
        """Who sent this header; ``Unauthenticated`` where it is not known."""
        claims = self._claims(authorization)
        known = self._known.get(id(claims))
        if known is None or known[0] is not claims:
            known = self._known[id(claims)] = claims, self._caller(claims)
        return known[1]

    def _caller(self, claims: Claims) -> Caller:
        """A client is known by client_id, else azp, else sub (design.md §2)."""
        id = next((claims[name] for name in ("client_id", "azp", "sub") if claims.get(name)), "")
        client = self._clients.get(id) if isinstance(id, str) else None
        patients = {key for named in _texts(claims.get(self._patient_claim)) for key in self._people.keys(named)}
        granted = " ".join(_texts(claims.get("scope") or claims.get("scp")))
        return Caller(
            name=wire.encode([str(claims.get("iss", "")), str(id), str(claims.get("sub", ""))]).decode(),
            patients=frozenset(patients),
            authorities=None if client is None else frozenset(client.authorities),
            features=None if client is None else frozenset(client.features),
            scopes=scopes(granted),
            client=client is not None,
        )


def _texts(value: Any) -> list[str]:
    """A text, or those of a list; servers write either."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each]
