"""Services that some tests need: found, or the test is skipped with the reason (or fails where they are required).

``FHIR_FACADE_REQUIRE="postgres,redis"`` turns those skips into failures.  ``FHIR_FACADE_POSTGRES`` and
``FHIR_FACADE_REDIS`` name other servers than the local ones.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import quote, urlsplit

import psycopg
import pytest

POSTGRES = os.environ.get("FHIR_FACADE_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("FHIR_FACADE_REDIS", "redis://127.0.0.1:6379/0")


def redis_url() -> str:
    """The URL of a Redis that answers.  Tests use names of their own in it."""
    _demand("redis", REDIS)
    return REDIS


@contextmanager
def postgres_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL schema, which is dropped afterwards."""
    _demand("postgres", POSTGRES)
    schema = f"test_{uuid.uuid4().hex}"
    _execute(f"CREATE SCHEMA {schema}")
    try:
        yield f"{POSTGRES}?options={quote(f'-csearch_path={schema}')}"
    finally:
        _execute(f"DROP SCHEMA {schema} CASCADE")


def _execute(statement: str) -> None:
    with closing(psycopg.connect(POSTGRES, autocommit=True)) as connection:
        connection.execute(statement.encode())


def _demand(service: str, url: str) -> None:
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "127.0.0.1", place.port or 0), timeout=1).close()
    except OSError as error:
        reason = f"{service} does not answer at {place.hostname}:{place.port}: {error}"
        if service in os.environ.get("FHIR_FACADE_REQUIRE", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
