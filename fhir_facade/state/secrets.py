"""Secrets that are made once and kept: what a site did not set in its settings."""

from __future__ import annotations

import secrets

from sqlalchemy import text

from fhir_facade.state.database import Database

_OFFER = text("INSERT INTO kept_secrets (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")
_READ = text("SELECT value FROM kept_secrets WHERE name = :name")


def kept_secret(database: Database, name: str) -> bytes:
    """The 32 random bytes kept under ``name``; made now if there are none.  Workers that start at once agree."""
    with database.reading() as connection:
        value = connection.execute(_READ, {"name": name}).scalar()
    if value is None:
        with database.writing() as connection:
            connection.execute(_OFFER, {"name": name, "value": secrets.token_bytes(32)})
            value = connection.execute(_READ, {"name": name}).scalar_one()
    return bytes(value)
