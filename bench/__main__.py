"""``python -m bench``: every measurement in one run, as a table; exit status 1 if a budget is missed."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from rich.console import Console

from bench import cold, crowd, footprint, machine, render, rival, warm, wrk
from bench.budgets import Row
from bench.child import NoServer
from bench.client import Refused
from bench.table import failed, markdown, table
from bench.wrk import Faulty

ROUNDS = 3
MEASURES: Mapping[str, Callable[[Path], list[Row]]] = {
    "render": lambda _: render.measure(ROUNDS, seconds=1.0),
    "warm": lambda folder: warm.measure(folder, ROUNDS, seconds=3),
    "cold": lambda folder: cold.measure(folder, rounds=7),
    "crowd": crowd.measure,
    "memory": footprint.measure,
}


@click.command()
@click.argument("only", nargs=-1, type=click.Choice(list(MEASURES)))
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the table as docs/performance.md has it.")
def main(only: tuple[str, ...], as_markdown: bool) -> None:
    """Measure speed and size as ratios; ONLY some of them where named."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(machine.described())
    if machine.busy():
        console.print("The machine is busy with other things: do not trust what follows.", style="bold red")
    rows: list[Row] = []
    start = time.monotonic()
    try:
        if not only or "warm" in only:
            wrk.install()
            rival.install()
        with tempfile.TemporaryDirectory(prefix="fhir-facade-bench-") as folder:
            for name in only or MEASURES:
                console.print(f"{time.monotonic() - start:5.0f} s  {name}", highlight=False)
                rows += _measured(name, Path(folder) / name)
    except (wrk.NoWrk, rival.NoRival) as missing:
        raise click.ClickException(str(missing)) from missing
    console.print(table(rows))
    if as_markdown:
        click.echo(markdown(rows))
    console.print(f"{time.monotonic() - start:.0f} s in all", highlight=False)
    sys.exit(1 if failed(rows) else 0)


def _measured(name: str, folder: Path) -> list[Row]:
    """The rows of a measurement; one that broke off is a missed budget, and the others go on."""
    try:
        return MEASURES[name](folder)
    except (NoServer, Refused, Faulty) as fault:
        return [Row(f"{name}: broke off", f"{type(fault).__name__}: {fault}", "", "", "", holds=False)]


if __name__ == "__main__":
    main()
