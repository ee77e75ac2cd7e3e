"""``fhir-facade migrate``: gives a shared state database the form that this version needs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from fhir_facade.cli.config import config_option, loaded
from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.state.database import Database
from fhir_facade.state.schema import NEEDED, SchemaMismatch
from fhir_facade.telemetry.log import event


@click.command()
@config_option
def migrate(config: Path) -> None:
    """Change the state database to what this version needs; whoever does so at the same time waits.

    A SQLite file is also migrated when the server starts, after a copy.  A shared database is changed here alone: first
    migrate, then restart the servers and workers.  Those of the version before go on meanwhile.
    """
    try:
        with closing(Database(loaded(config).server.state)) as database:
            changed = database.create()
    except (SchemaMismatch, StateUnavailable, ValueError) as impossible:
        raise click.ClickException(str(impossible)) from impossible
    if changed:
        event(Event.STATE_MIGRATED, version=NEEDED)
    click.echo(f"the state database has form {NEEDED}")
