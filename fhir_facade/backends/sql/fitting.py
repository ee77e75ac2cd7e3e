"""Whether an authority's ``posting`` table fits, for ``check``: nothing is told, and nobody's payment is looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from fhir_facade.backends.probe import Probe
from fhir_facade.backends.sql import found
from fhir_facade.backends.sql.by_statement import NAME, NO_WRITER
from fhir_facade.backends.sql.cells import Site
from fhir_facade.backends.sql.drop import OURS
from fhir_facade.backends.sql.engine import Engines
from fhir_facade.backends.sql.faults import translated
from fhir_facade.backends.sql.parameters import PARAMETERS
from fhir_facade.backends.sql.probing import probed

NOBODY = "0"  # no payment has this id, and a column of any type can be compared with it
EXPLAINING = frozenset({"sqlite", "postgresql"})  # whose EXPLAIN plans a statement and does not run it


def probes(posting: Mapping[str, Any], engines: Engines, site: Site) -> Iterable[Probe]:
    """A line for each thing that telling needs."""
    way = WAYS.get(posting.get("via", ""))
    if way is None:
        return (Probe("posting", "misconfigured", "write posting.via, see docs/sql-backend.md"),)
    return tuple(way(posting, engines, site))


def _statement(posting: Mapping[str, Any], engines: Engines, site: Site) -> Iterator[Probe]:
    if engines.writes is None:
        yield Probe(NAME, "misconfigured", NO_WRITER)
        return
    yield probed(NAME, partial(_explained, engines.writes, posting["statement"]))
    yield probed(found.NAME, partial(_looked, engines.writes, posting["found"], site))


def _file(posting: Mapping[str, Any], engines: Engines, site: Site) -> Iterator[Probe]:
    folder = Path(posting["folder"])
    yield _folder("posting.folder", folder, os.R_OK | os.W_OK | os.X_OK)
    yield _folder("posting.folder/.sent", folder / OURS, os.R_OK | os.W_OK | os.X_OK)
    yield _folder("posting.acknowledgements", Path(posting["acknowledgements"]), os.R_OK | os.X_OK)
    if "found" in posting:
        yield probed(found.NAME, partial(_looked, engines.writes or engines.reads, posting["found"], site))


def _explained(engine: Engine, statement: str) -> str:
    """The database plans the statement, which needs its tables, its columns and the right to write them."""
    with translated(NAME), engine.connect() as connection:
        if connection.dialect.name not in EXPLAINING:
            return "not tried: this database would run it"
        if statement.lstrip()[:6].lower() != "insert":
            return "not tried: only an INSERT is planned without being run"
        connection.execute(text(f"EXPLAIN {statement}"), dict.fromkeys(PARAMETERS)).close()
        connection.rollback()
    return ""


def _looked(engine: Engine, query: str, site: Site) -> str:
    with translated(found.NAME), engine.connect() as connection:
        found.look(connection, query, NOBODY, NOBODY, site)
        connection.rollback()
    return ""


def _folder(endpoint: str, folder: Path, rights: int) -> Probe:
    if not folder.is_dir():
        return Probe(endpoint, "misconfigured", "there is no such folder: make it, for the facade's user")
    if not os.access(folder, rights):
        return Probe(endpoint, "refused", "the facade's user has no right to use the folder")
    return Probe(endpoint, "ok")


WAYS: Mapping[str, Callable[[Mapping[str, Any], Engines, Site], Iterator[Probe]]] = {
    "statement": _statement,
    "file": _file,
}
