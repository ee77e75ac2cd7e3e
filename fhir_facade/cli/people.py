"""``fhir-facade people import``: who is who and who acts for whom, from CSV files of the site's person index."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from fhir_facade.cli.config import config_option, loaded
from fhir_facade.cli.people_files import Faulty, people_in, proxies_in
from fhir_facade.state.crosswalk import Crosswalk
from fhir_facade.state.database import Database

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def people() -> None:
    """People who are known to several assigning authorities, and their proxies."""


@people.command("import")
@config_option
@click.argument("file", type=_FILE, required=False)
@click.option("--proxies", type=_FILE, help="proxy,person,billing,expires,until_age,birth_date")
def import_(config: Path, file: Path | None, proxies: Path | None) -> None:
    """Let FILE (person,authority,number) and the proxies be all that are known: all of it, or nothing on any fault.

    Where the settings name an index of people ([people]), there is no FILE: only the proxies are imported.
    """
    settings = loaded(config)
    if settings.people.url and file is not None:
        raise click.UsageError("people are asked of the index that [people] names: import --proxies alone")
    if file is None and not (settings.people.url and proxies):
        raise click.UsageError("name FILE; without it, --proxies where the settings name an index of people")
    try:
        known = [] if file is None else people_in(file, {authority.id for authority in settings.authorities})
        persons = None if file is None else {person for person, _ in known}
        acting = [] if proxies is None else proxies_in(proxies, persons)
    except Faulty as faulty:
        raise click.ClickException("\n".join(faulty.faults)) from None
    with closing(Database(settings.server.state)) as database:
        database.ready()
        Crosswalk(database).replace(known, acting)
    click.echo(f"{len(persons or ())} people with {len(known)} numbers, {len(acting)} proxies")
