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
@click.argument("file", type=_FILE)
@click.option("--proxies", type=_FILE, help="proxy,person,billing,expires,until_age,birth_date")
def import_(config: Path, file: Path, proxies: Path | None) -> None:
    """Let FILE (person,authority,number) and the proxies be all that are known: all of it, or nothing on any fault."""
    settings = loaded(config)
    try:
        known = people_in(file, {authority.id for authority in settings.authorities})
        acting = [] if proxies is None else proxies_in(proxies, {person for person, _ in known})
    except Faulty as faulty:
        raise click.ClickException("\n".join(faulty.faults)) from None
    with closing(Database(settings.server.state)) as database:
        database.create()
        Crosswalk(database).replace(known, acting)
    persons = len({person for person, _ in known})
    click.echo(f"{persons} people with {len(known)} numbers, {len(acting)} proxies")
