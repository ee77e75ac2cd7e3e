"""A site's own billing database as a billing system: ``SqlBackend`` is the backend, the rest is how it reads."""

from fhir_facade.backends.sql.backend import SqlBackend

__all__ = ["SqlBackend"]
