"""The form of the state database: which one it has, which one this version needs, and how it gets there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from fhir_facade.state.tables import METADATA

NEEDED = "0001"
"""The last step in ``migrations/versions``."""

UNNUMBERED = "0000"
"""What a database is called that was made before steps had numbers."""

_SCRIPTS = Path(__file__).parent / "migrations"
_READ = text("SELECT version_num FROM alembic_version")
_TABLE = text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
_STAMP = text("INSERT INTO alembic_version (version_num) VALUES (:version)")


class SchemaMismatch(Exception):
    """The database has the form of another version; the text says what to do, for operators."""

    def __init__(self, found: str) -> None:
        if found > NEEDED:
            advice = (
                f"a newer version of fhir-facade made it: run that one, or a copy of the database from before {found}"
            )
        else:
            advice = "run fhir-facade migrate"
        what = "has no tables yet" if not found else f"has form {found}"
        super().__init__(f"the state database {what}, and this version needs {NEEDED}: {advice}")


def form(connection: Connection) -> str:
    """The form that a database has; empty for one without tables."""
    tables = inspect(connection)
    if tables.has_table("alembic_version"):
        return str(connection.execute(_READ).scalar() or UNNUMBERED)
    return UNNUMBERED if tables.has_table("kept_secrets") else ""


def bring_up(connection: Connection, before: Callable[[str], None]) -> bool:
    """Give a database the form that is needed, in the transaction of ``connection``; True where it had another one.

    ``before`` is called with the form that it has, while nothing is changed yet.  ``SchemaMismatch`` for a newer one.
    """
    found = form(connection)
    if found == NEEDED:
        return False
    if found > NEEDED:
        raise SchemaMismatch(found)
    if not found:  # a test holds this equal to all steps one after the other, which take ten times as long
        METADATA.create_all(connection)
        connection.execute(_TABLE)
        connection.execute(_STAMP, {"version": NEEDED})
        return False
    before(found)
    upgrade(connection)
    return True


def upgrade(connection: Connection) -> None:
    """Every step that is missing."""
    from alembic import command  # a third of a second, and not needed by a database that is as it should be
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
