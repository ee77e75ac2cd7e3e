"""``fhir-facade worker``: carries payments into billing systems until a signal ends it."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import click

from fhir_facade import __version__
from fhir_facade.cli.config import config_option, loaded
from fhir_facade.crew import crew
from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.payments.pace import Pace
from fhir_facade.state.schema import SchemaMismatch
from fhir_facade.telemetry.log import event

_POSITIVE = click.FloatRange(min=0, min_open=True)


@click.command()
@config_option
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Payments at the same time.")
@click.option("--lease", default=Pace.lease, show_default=True, type=_POSITIVE, help="Seconds until others take over.")
@click.option("--hurry", default=1.0, type=_POSITIVE, hidden=True, help="All pauses so many times shorter: for trials.")
@click.option("--beside", is_flag=True, hidden=True, help="End when standard input ends: whoever started it is gone.")
def worker(config: Path, threads: int, lease: float, hurry: float, beside: bool) -> None:
    """Carry captured payments into billing systems, and look after sessions at gateways.  SIGTERM ends it in order.

    Any number of workers may run, on any number of machines that share the state database.
    """
    settings, over = loaded(config), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    if beside:
        threading.Thread(target=_until_alone, args=(over,), daemon=True).start()
    pace = Pace(lease=lease).hurried(hurry)
    try:
        with crew(settings, pace=pace) as made:
            event(Event.WORKER_STARTED, version=__version__)
            made.worker().run(over, threads)
    except (SchemaMismatch, StateUnavailable, ValueError) as unusable:
        raise click.ClickException(str(unusable)) from unusable
    event(Event.WORKER_STOPPED)


def _until_alone(over: threading.Event) -> None:
    sys.stdin.buffer.read()
    over.set()


if __name__ == "__main__":
    worker()
