"""A searchset Bundle: resources' bytes joined.  https://hl7.org/fhir/R4/bundle.html"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fhir_facade import wire
from fhir_facade.mappers.elements import LAST_SOURCE_SYNC
from fhir_facade.outcome import outcome

Entry = tuple[bytes, bytes]  # a match's ``Resource.lead``, and its bytes

_MATCH = b',"search":{"mode":"match"}},'
_OUTCOME = b',"search":{"mode":"outcome"}},'


@dataclass(frozen=True)
class Searchset:
    """What a page of a search shows.  ``total`` None: not known, or not asked for."""

    entries: Sequence[Entry]
    links: Sequence[tuple[str, str]]
    total: int | None = None
    as_of: dt.datetime | None = None
    issues: Sequence[dict[str, Any]] = field(default=())

    def encode(self) -> bytes:
        """The Bundle.  Without entries there is no ``entry``: FHIR JSON forbids empty arrays."""
        head = wire.encode(self._head())
        parts = [head[:-1], b',"entry":[']
        for lead, raw in self.entries:
            parts += lead, raw, _MATCH
        for issue in self.issues:
            parts += b'{"resource":', wire.encode(outcome(issue)), _OUTCOME
        if not (self.entries or self.issues):
            return head
        parts[-1] = parts[-1][:-1]
        parts.append(b"]}")
        return b"".join(parts)

    def _head(self) -> dict[str, Any]:
        head: dict[str, Any] = {"resourceType": "Bundle"}
        if self.as_of is not None:
            head["meta"] = {"extension": [{"url": LAST_SOURCE_SYNC, "valueDateTime": wire.instant(self.as_of)}]}
        head["type"] = "searchset"
        if self.total is not None:
            head["total"] = self.total
        head["link"] = [{"relation": relation, "url": url} for relation, url in self.links]
        return head
