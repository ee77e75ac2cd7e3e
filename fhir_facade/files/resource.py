"""A resource as it is served: its bytes, and its index values beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from fhir_facade import wire
from fhir_facade.keys import PatientKey
from fhir_facade.search.definitions import parameters


class Resource:
    """One rendered resource of one authority.

    ``raw`` is the whole JSON, ``version`` the hash of its content, ``patient`` None for what belongs to nobody, ``own``
    the number that its id was made of, ``lead`` what goes before ``raw`` in a Bundle.
    ``values`` are the index values of what nearly every search asks; others are made when a search first needs them.
    """

    __slots__ = ("_values", "authority", "id", "last_updated", "lead", "own", "patient", "raw", "type", "version")

    def __init__(
        self,
        type: str,
        id: str,
        authority: str,
        patient: PatientKey | None,
        raw: bytes,
        version: str,
        last_updated: dt.datetime,
        own: str,
        base_url: str,
        values: Mapping[str, tuple[Any, ...]],
    ) -> None:
        self.type, self.id, self.authority, self.patient = type, id, authority, patient
        self.raw, self.version, self.last_updated, self.own = raw, version, last_updated, own
        self.lead = f'{{"fullUrl":"{base_url}/{type}/{id}","resource":'.encode()
        self._values: dict[str, tuple[Any, ...]] = {"_id": (id,), **values}

    def body(self) -> dict[str, Any]:
        """The resource as a dict of exact values; a new one at each call."""
        body: dict[str, Any] = wire.decode(self.raw)
        return body

    def index(self, codes: Iterable[str]) -> None:
        """Make the index values of these search parameters, in one reading of the bytes."""
        missing = [code for code in codes if code not in self._values]
        if missing:
            body = self.body()
            known = parameters(self.type)
            self._values.update({code: known[code].index(body) for code in missing})

    def values(self, code: str) -> tuple[Any, ...]:
        """The index values of one search parameter."""
        if code not in self._values:
            self.index((code,))
        return self._values[code]
