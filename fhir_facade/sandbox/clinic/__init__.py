"""The sample clinic: a SQLite billing database of its own shape, and the queries by which the sql backend reads it."""

from __future__ import annotations

from fhir_facade.sandbox.clinic.database import create_clinic
from fhir_facade.sandbox.clinic.queries import QUERIES, clinic_settings

__all__ = ["QUERIES", "clinic_settings", "create_clinic"]
