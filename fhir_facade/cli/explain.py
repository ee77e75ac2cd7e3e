"""``fhir-facade explain``: why a resource says what it says, from the source's own fields."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from rich.table import Table

from fhir_facade.cli.config import config_option, loaded
from fhir_facade.cli.report import console, table
from fhir_facade.errors import FacadeError, NotFound
from fhir_facade.events import Event
from fhir_facade.files.cut import cut
from fhir_facade.house import House, build
from fhir_facade.keys import SourceKey
from fhir_facade.mappers.scene import Scene
from fhir_facade.mappers.table import KIND_OF, MAPPERS
from fhir_facade.records import Record
from fhir_facade.telemetry.log import event


@click.command()
@config_option
@click.argument("reference", metavar="TYPE/ID")
def explain(config: Path, reference: str) -> None:
    """Ask the billing system anew, and show which of its fields gave status, amounts and collectable.

    What it prints is a patient's; that it was asked is logged.
    """
    house = build(loaded(config))
    type, _, id = reference.rpartition("/")
    event(Event.EXPLAINED, type=type if type in MAPPERS else "", operator=getpass.getuser())
    shown = console(sys.stdout)
    try:
        for each in _explained(house, type, id):
            shown.print(each)
    except FacadeError as failure:
        raise click.ClickException(f"{reference}: {failure}") from failure
    finally:
        house.close()


def _explained(house: House, type: str, id: str) -> Iterator[Table]:
    finder = house.finder
    key = finder.patient(type, id) if type in KIND_OF else None
    if key is None:
        raise NotFound("not an id of this facade, or of an authority that is not released")
    file, authority = finder.file(type, key), finder.authorities[key.authority]
    source = house.cabinet.sources[file.billing_system]
    scene = Scene(authority=authority, ids=finder.ids, base_url=finder.base_url, now=house.cabinet.now())
    for record in source.fetch(file.kind, file.patient):
        shown = cut(record, authority)
        if shown is None:
            continue
        body = MAPPERS[type].body(shown, scene)
        if body["id"] != id:
            continue
        yield table(f"{type} as {authority.name} shows it", ("record's field", "value"), _fields(shown))
        grounds = source.backend.explain(file.kind, SourceKey(source.name, key.value), record.number)
        rows = [(ground.field, ground.source, ground.said) for ground in grounds]
        yield table(f"What {source.name} says", ("makes the field", "source's field", "value"), rows)
        return
    raise NotFound(f"{source.name} has no such record, or it is switched off at {authority.id}")


def _fields(record: Record) -> list[tuple[str, str]]:
    stated = msgspec.structs.asdict(record)
    return [
        (name, str(getattr(value, "value", value))) for name, value in stated.items() if value not in (None, "", ())
    ]
