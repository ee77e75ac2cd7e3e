"""What a server stands on at its site: state database, key, cache, time zones.  Looking changes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fhir_facade.backends.port import Probe
from fhir_facade.errors import StateUnavailable
from fhir_facade.settings.model import Server
from fhir_facade.state.database import Database
from fhir_facade.state.redis import RedisStore
from fhir_facade.state.schema import SchemaMismatch
from fhir_facade.state.store import DatabaseStore

SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///(?!:memory:)([^?]+)")
ZONE = "US/Eastern"  # an old name that slim systems lack, and that athenahealth uses


def examined(server: Server) -> Iterator[Probe]:
    """One line for each thing."""
    yield state(server.state)
    yield id_key(server)
    yield cache(server.cache)
    yield time_zones()


def state(url: str) -> Probe:
    """The state database answers, has its tables and can be written to."""
    if (file := SQLITE_FILE.match(url)) and not Path(file[1]).exists():
        folder = Path(file[1]).absolute().parent
        if os.access(folder, os.W_OK):
            return Probe("state", "ok", f"{file[1]} is made when the server starts")
        return Probe("state", "refused", f"{file[1]} is not there and {folder} cannot be written to")
    try:
        _write(Database(url))
    except StateUnavailable as error:
        return Probe("state", "unreachable", str(error))
    except (SchemaMismatch, ValueError) as error:
        return Probe("state", "misconfigured", str(error))
    return Probe("state", "ok")


def _write(database: Database) -> None:
    try:
        database.require_form()
        DatabaseStore(database).put("doctor", b"was here", 1.0)
    finally:
        database.close()


def id_key(server: Server) -> Probe:
    """Whoever loses the key that seals ids makes every id that clients have kept unknown."""
    if server.id_key:
        older = len(server.id_key.values) - 1
        return Probe("id_key", "ok", f"from the settings, with {older} older" if older else "from the settings")
    return Probe("id_key", "ok", "made and kept in the state database: a backup of it keeps clients' ids alive")


def cache(url: str) -> Probe:
    """Redis answers, where the site uses it."""
    if url == "memory":
        return Probe("cache", "ok", "in each worker's memory")
    try:
        store = RedisStore(url)
    except ValueError as error:
        return Probe("cache", "misconfigured", str(error))
    try:
        store.ping()
    except StateUnavailable as error:
        return Probe("cache", "unreachable", str(error))
    finally:
        store.close()
    return Probe("cache", "ok")


def time_zones() -> Probe:
    """The zones of departments can be looked up."""
    try:
        ZoneInfo(ZONE)
        return Probe("time zones", "ok", f"tzdata {version('tzdata')}")
    except ZoneInfoNotFoundError:
        return Probe("time zones", "misconfigured", f"{ZONE} is unknown: install the package tzdata")
    except PackageNotFoundError:
        return Probe("time zones", "ok", "of the operating system; the package tzdata is not installed")
