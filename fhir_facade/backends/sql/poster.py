"""Tells a site's billing database of payments, in the way that the authority's ``posting`` table names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import Declined, NotSent, Poster, Posting, Told
from fhir_facade.backends.probe import Probe
from fhir_facade.backends.sql import fitting
from fhir_facade.backends.sql.by_file import ByFile
from fhir_facade.backends.sql.by_statement import ByStatement
from fhir_facade.backends.sql.cells import Site
from fhir_facade.backends.sql.engine import Engines


class SqlPoster(Poster):
    """``posting.settings["via"]`` is ``statement`` or ``file``."""

    def __init__(self, engines: Engines, site: Site, context: Context) -> None:
        self._engines, self._site, self._name = engines, site, context.name
        self._ways: Mapping[str, ByStatement | ByFile] = {
            "statement": ByStatement(engines.writes, site, context),
            "file": ByFile(engines.writes or engines.reads, site, context),
        }

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        return self._way(posting).snapshot(posting)

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return self._way(posting).tell(posting)

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return self._way(posting).found(posting)

    def fits(self, posting: Mapping[str, Any]) -> Iterable[Probe]:
        return fitting.probes(posting, self._engines, self._site)

    def close(self) -> None:
        """Give back the connections that post."""
        if self._engines.writes is not None:
            self._engines.writes.dispose()

    def _way(self, posting: Posting) -> ByStatement | ByFile:
        if posting.patient.billing_system != self._name:
            raise Declined("the patient is another billing system's")
        way = self._ways.get(posting.settings.get("via", ""))
        if way is None:
            raise NotSent("posting.via is not set")
        return way
