"""``fhir-facade doctor``: is everything there that the server stands on?"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import click

from fhir_facade.backends.port import Probe
from fhir_facade.bell import probing as bell
from fhir_facade.cli import surroundings
from fhir_facade.cli.config import config_option, deadline_option, json_option, loaded
from fhir_facade.cli.report import console, outcome, print_json, table
from fhir_facade.cli.trial import tried
from fhir_facade.mpi import opening as mpi
from fhir_facade.settings.model import Settings
from fhir_facade.state.memory import MemoryStore

HOUSE, ISSUER, PEOPLE = "facade", "issuer", "people"
HEADINGS = ("of", "what", "outcome", "detail")


@click.command()
@config_option
@deadline_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, config: Path, deadline: float, as_json: bool) -> None:
    """Examine all that the server stands on, and every system that it asks.  Exit status 1 if anything is wrong."""
    lines = _examined(loaded(config), deadline)
    ok = all(probe.ok for _, probe in lines)
    stdout = sys.stdout
    if as_json:
        shown = [{"of": name, **dataclasses.asdict(probe)} for name, probe in lines]
        print_json({"ok": ok, "examined": shown}, stdout)
    else:
        rows = [(name, probe.endpoint, outcome(probe), probe.detail) for name, probe in lines]
        console(stdout).print(table("Examined", HEADINGS, rows))
    ctx.exit(0 if ok else 1)


def _examined(settings: Settings, deadline: float) -> list[tuple[str, Probe]]:
    lines = [(HOUSE, probe) for probe in surroundings.examined(settings.server)]
    lines += [(ISSUER, probe) for probe in bell.tried(settings.security)]
    lines += [(PEOPLE, probe) for probe in mpi.tried(settings)]
    for each in tried(settings, MemoryStore(), deadline):
        lines += [(each.system.name, probe) for probe in each.probes]
    return lines
