"""The sample clinic: a SQLite billing database of its own shape, and how the sql backend reads it and posts to it."""

from __future__ import annotations

from fhir_facade.sandbox.clinic.database import create_clinic
from fhir_facade.sandbox.clinic.queries import POSTING, QUERIES, clinic_settings

__all__ = ["POSTING", "QUERIES", "clinic_settings", "create_clinic"]
