"""``fhir-facade check``: are the settings right, and does all that they name answer?"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from fhir_facade.cli.config import config_option, deadline_option, json_option
from fhir_facade.cli.gateways import tried_gateways
from fhir_facade.cli.overview import Overview
from fhir_facade.cli.report import console, faults_in_words, print_json
from fhir_facade.cli.trial import tried
from fhir_facade.mpi import opening as mpi
from fhir_facade.settings.faults import BadSettings, Fault
from fhir_facade.settings.load import load
from fhir_facade.state.memory import MemoryStore


@click.command()
@config_option
@deadline_option
@json_option
@click.pass_context
def check(ctx: click.Context, config: Path, deadline: float, as_json: bool) -> None:
    """Judge the settings, and try every billing system, gateway and the person index.  Exit status 1 on any fault."""
    try:
        settings = load(config)
    except BadSettings as refusal:
        _refuse(refusal.faults, as_json)
        ctx.exit(1)
    people = tuple(mpi.tried(settings))
    store = MemoryStore()
    gateways = tried_gateways(settings.gateways, store, deadline)
    overview = Overview(settings, tried(settings, store, deadline), people, gateways)
    stdout = sys.stdout
    if as_json:
        print_json(overview.plain(), stdout)
    else:
        overview.show(console(stdout))
    ctx.exit(0 if overview.ok else 1)


def _refuse(faults: Sequence[Fault], as_json: bool) -> None:
    stdout = sys.stdout
    if as_json:
        print_json({"ok": False, "faults": [dataclasses.asdict(fault) for fault in faults]}, stdout)
    else:
        faults_in_words(faults, stdout)
