"""``fhir-facade explain``: why a resource says what it says, from the source's own fields."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from fhir_facade import wire
from fhir_facade.audit.entry import Entry, encode
from fhir_facade.backends.port import Ground
from fhir_facade.cli.config import built, config_option, loaded
from fhir_facade.cli.report import console, table
from fhir_facade.cli.values import stated
from fhir_facade.errors import FacadeError, NotFound
from fhir_facade.events import Event
from fhir_facade.files.cut import cut
from fhir_facade.files.patient_file import FileKey
from fhir_facade.files.source import REFERENCE_DATA, Source
from fhir_facade.house import House
from fhir_facade.keys import PatientKey, SourceKey
from fhir_facade.mappers.judge import Unrenderable
from fhir_facade.mappers.scene import Scene
from fhir_facade.mappers.table import KIND_OF, MAPPERS
from fhir_facade.owner import own_number, patient_of
from fhir_facade.records import Kind, Record
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification.switches import offers
from fhir_facade.telemetry.log import event

FIELDS = ("record's field", "value")
GROUNDS = ("makes the field", "source's field", "says")


@click.command()
@config_option
@click.argument("reference", metavar="TYPE/ID")
def explain(config: Path, reference: str) -> None:
    """Ask the billing system anew, and show which of its fields gave status, amounts and collectable.

    What it prints is a patient's; that it was asked is logged, and is in the audit trail.
    """
    settings = loaded(config)
    type, id = ["", *reference.rstrip("/").split("/")][-2:]
    event(Event.EXPLAINED, type=type if type in KIND_OF else "", operator=_operator())
    to = console(sys.stdout)
    try:
        with closing(built(settings)) as house:
            for each in _explained(house, type, id):
                to.print(each, soft_wrap=isinstance(each, Text))
    except FacadeError as failure:
        raise click.ClickException(f"{reference}: {failure}") from failure


@dataclass(frozen=True)
class _Asked:
    """What an id names: whose record, of which authority, in which file of which source."""

    type: str
    id: str
    key: PatientKey
    file: FileKey
    authority: AssigningAuthority
    source: Source


def _explained(house: House, type: str, id: str) -> Iterator[Table | Text]:
    asked = _asked(house, type, id)
    _write_down(house, asked)
    record = _chosen(house, asked, _records(asked))
    if record is None:
        raise NotFound(f"{asked.source.name} has no such record, or {asked.authority.id} does not show it")
    scene = Scene(
        authority=asked.authority, ids=house.finder.ids, base_url=house.finder.base_url, now=house.cabinet.now()
    )
    yield Text(f"{type} of {asked.authority.name}{_status(type, record, scene)}", "bold")
    yield table("", FIELDS, stated(record))
    yield Text(f"{asked.authority.id} has switched on {', '.join(sorted(asked.authority.switches()))}.\n")
    patient = SourceKey(asked.source.name, asked.file.patient)
    grounds = tuple(asked.source.backend.explain(Kind(asked.file.kind), patient, own_number(record)))
    if grounds:
        yield Text(f"What {asked.source.name} says", "bold")
        yield table("", GROUNDS, _once(grounds))
    else:
        yield Text(f"{asked.source.name} does not tell what it makes its {asked.file.kind.value} of.")


def _write_down(house: House, asked: _Asked) -> None:
    """An operator looks at a patient's record: the patient may know."""
    entry = Entry(
        recorded=int(house.cabinet.now().timestamp() * 1000),
        request_id="",
        interaction="read",
        type=asked.type,
        id=asked.id,
        query="",
        status=200,
        caller=wire.encode(["", "fhir-facade explain", _operator()]).decode(),
        token="",
        peer="",
    )
    about = entry.about(asked.key) if asked.file.patient else entry
    house.carrier.append(encode(about) + b"\n")


def _asked(house: House, type: str, id: str) -> _Asked:
    finder = house.finder
    opened = finder.ids.open(type, id) if type in KIND_OF else None
    if opened is None:
        raise NotFound("not an id of this facade")
    authority = finder.authorities.get(opened.authority)
    if authority is None or not offers(authority, type):
        raise NotFound(f"{type} is switched off at {opened.authority}, or its billing system is disabled")
    key = PatientKey(opened.authority, opened.value)
    file = finder.file(type, key)
    source = house.cabinet.sources[file.billing_system]
    if not isinstance(source, Source):
        raise NotFound(f"{type} is the facade's own, and made of no billing system's fields")
    return _Asked(type, id, key, file, authority, source)


def _records(asked: _Asked) -> list[Record]:
    """What the source answers anew, as the authority shows it; somebody else's records are never shown."""
    answered = tuple(asked.source.fetch(asked.file.kind, asked.file.patient))
    number = asked.file.patient
    if number and any(patient_of(record) != number for record in answered):  # merged, or a fault of the source
        person = asked.source.backend.person(SourceKey(asked.source.name, number))
        number = number if person is None else person.number
    own = (record for record in answered if not number or patient_of(record) == number)
    return [shown for record in own if (shown := cut(record, asked.authority)) is not None]


def _chosen(house: House, asked: _Asked, records: Sequence[Record]) -> Record | None:
    """The record of the id, which may have been made before a merge or an exchange of keys, as ``Finder.resource``."""
    if asked.file.kind is Kind.PERSONS:
        return next(iter(records), None)
    by_own = {own_number(record): record for record in records}
    if asked.file.kind in REFERENCE_DATA:
        return by_own.get(asked.key.value)
    own = house.finder.ids.own_number(asked.type, asked.id, asked.key, by_own)
    return None if own is None else by_own[own]


def _status(type: str, record: Record, scene: Scene) -> str:
    """What the resource's ``status`` is; or that there is no resource, and where it fails."""
    try:
        status = MAPPERS[type].body(record, scene).get("status", "")
    except Unrenderable as fault:
        return f": left out of all answers, for {fault}"
    return f": {status}" if status else ""


def _once(grounds: Iterable[Ground]) -> Iterator[tuple[str, str, str]]:
    """Each field's name where it begins."""
    last = ""
    for ground in grounds:
        yield "" if ground.field == last else ground.field, ground.source, ground.said
        last = ground.field


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
