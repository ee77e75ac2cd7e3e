"""Fingerprints of every key that page links were ever sealed with: a retired key is told from garbage."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text

from fhir_facade.state.database import Database

_KEEP = text("INSERT INTO page_keys (fingerprint) VALUES (:fingerprint) ON CONFLICT (fingerprint) DO NOTHING")
_FIND = text("SELECT 1 FROM page_keys WHERE fingerprint = :fingerprint")


class PageKeys:
    """The fingerprints that were ever in use here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, fingerprints: Iterable[bytes]) -> None:
        """Keep the fingerprints of the keys in use now, for the day when they are retired."""
        rows = [{"fingerprint": fingerprint} for fingerprint in fingerprints]
        with self._database.writing() as connection:
            connection.execute(_KEEP, rows)

    def known(self, fingerprint: bytes) -> bool:
        """Whether a key with this fingerprint was ever in use here."""
        with self._database.reading() as connection:
            return connection.execute(_FIND, {"fingerprint": fingerprint}).scalar() is not None
