"""What some tests need beside Python: found, or the test is skipped with the reason (or fails where it is required).

A service is found by its address, a tool by its executable.  ``FHIR_FACADE_REQUIRE="postgres,redis,node,chromium"``
turns those skips into failures.  ``FHIR_FACADE_POSTGRES`` and ``FHIR_FACADE_REDIS`` name other servers than the local
ones.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, urlsplit

import psycopg
import pytest

POSTGRES = os.environ.get("FHIR_FACADE_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("FHIR_FACADE_REDIS", "redis://127.0.0.1:6379/0")
NODE_PACKAGES = Path(__file__).parent / "clients"


def redis_url() -> str:
    """The URL of a Redis that answers.  Tests use names of their own in it."""
    _answers("redis", REDIS)
    return REDIS


@contextmanager
def postgres_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL schema, which is dropped afterwards."""
    _answers("postgres", POSTGRES)
    schema = f"test_{uuid.uuid4().hex}"
    _execute(f"CREATE SCHEMA {schema}")
    try:
        yield f"{POSTGRES}?options={quote(f'-csearch_path={schema}')}"
    finally:
        _execute(f"DROP SCHEMA {schema} CASCADE")


def node() -> str:
    """The executable of a Node.js that is new enough, and finds the packages of ``tests/clients``."""
    found = _executable("node", "node", "nodejs")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    wanted = json.loads((NODE_PACKAGES / "package.json").read_text())["engines"]["node"]
    if _version(said) < _version(wanted):
        _miss("node", f"{found} is {said}, and {wanted} is needed")
    # npm writes this file last, so that a folder that is half filled is not taken for a whole one
    if not (NODE_PACKAGES / "node_modules" / ".package-lock.json").exists():
        _miss("node", "its packages are not installed: run npm ci in tests/clients")
    return found


def chromium() -> str:
    """The executable of a Chromium."""
    return _executable("chromium", "chromium", "chromium-browser", "google-chrome")


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _execute(statement: str) -> None:
    with closing(psycopg.connect(POSTGRES, autocommit=True)) as connection:
        connection.execute(statement.encode())


def _answers(service: str, url: str) -> None:
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "127.0.0.1", place.port or 0), timeout=1).close()
    except OSError as error:
        _miss(service, f"it does not answer at {place.hostname}:{place.port}: {error}")


def _executable(tool: str, *names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        _miss(tool, f"there is no {' or '.join(names)} on the path")
    return found


def _miss(name: str, reason: str) -> NoReturn:
    missed = f"{name} is not here: {reason}"
    if name in os.environ.get("FHIR_FACADE_REQUIRE", "").split(","):
        pytest.fail(missed)
    pytest.skip(missed)
