"""A searchset Bundle: resources' bytes joined.  https://hl7.org/fhir/R4/bundle.html"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fhir_facade import wire
from fhir_facade.mappers.elements import LAST_SOURCE_SYNC
from fhir_facade.outcome import outcome

Entry = tuple[str, bytes]  # the URL that a match is known by, and its bytes

_MATCH = b',"search":{"mode":"match"}}'
_OUTCOME = b',"search":{"mode":"outcome"}}'


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
        head: dict[str, Any] = {"resourceType": "Bundle"}
        if self.as_of is not None:
            head["meta"] = {"extension": [{"url": LAST_SOURCE_SYNC, "valueDateTime": wire.instant(self.as_of)}]}
        head["type"] = "searchset"
        if self.total is not None:
            head["total"] = self.total
        head["link"] = [{"relation": relation, "url": url} for relation, url in self.links]
        entries = b",".join([*self._matches(), *self._outcomes()])
        if not entries:
            return wire.encode(head)
        return b"".join((wire.encode(head)[:-1], b',"entry":[', entries, b"]}"))

    def _matches(self) -> Iterable[bytes]:
        for url, raw in self.entries:
            yield b'{"fullUrl":"%b","resource":%b%b' % (url.encode(), raw, _MATCH)

    def _outcomes(self) -> Iterable[bytes]:
        for issue in self.issues:
            yield b'{"resource":%b%b' % (wire.encode(outcome(issue)), _OUTCOME)
