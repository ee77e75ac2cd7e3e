"""How the command line prints: faults as blocks of lines, the rest as tables that only a terminal makes narrow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import IO, Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fhir_facade.backends.port import Probe
from fhir_facade.settings.faults import Fault

UNLIMITED = 240
GOOD, BAD, QUIET = "green", "bold red", "dim"
DISABLED = "disabled"


def console(file: IO[Any]) -> Console:
    """Colours only on a terminal, whose width then holds; nothing in a text is markup."""
    width = None if file.isatty() else UNLIMITED
    return Console(file=file, width=width, highlight=False, markup=False, emoji=False)


def faults_in_words(faults: Sequence[Fault], file: IO[Any]) -> None:
    """Each fault's place, what is wrong, and what to write; then their number."""
    to = console(file)
    for fault in faults:
        place = f"{fault.file}:{fault.line}" if fault.line else fault.file
        to.print(Text.assemble((place, "bold"), "  ", (fault.where, "dim")), soft_wrap=True)
        to.print(Text(f"    {fault.message}"), soft_wrap=True)
        to.print(Text(f"    {fault.advice}", "cyan"), soft_wrap=True)
    to.print(Text(f"{len(faults)} fault{'' if len(faults) == 1 else 's'}", BAD))


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """A table with a heading line and no box."""
    made = Table(*headings, title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return made


def outcome(probe: Probe) -> Text:
    """A probe's outcome in its colour."""
    if probe.outcome == "ok":
        return Text(probe.outcome, GOOD)
    return Text(probe.outcome, QUIET if probe.ok or probe.outcome == DISABLED else BAD)


def print_json(value: object, file: IO[Any]) -> None:
    """A value as indented JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False), file)
