"""``fhir-facade serve``: the server, on Granian."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from fhir_facade import ground
from fhir_facade.addresses import is_loopback
from fhir_facade.cli.beside import Beside, beside
from fhir_facade.cli.config import config_option, loaded
from fhir_facade.errors import StateUnavailable
from fhir_facade.settings.faults import BadSettings
from fhir_facade.settings.model import Settings
from fhir_facade.settings.serving import CONFIG, served
from fhir_facade.state.schema import SchemaMismatch

# Requests that may wait for billing systems at the same time, in each worker; threads are made when needed.
THREADS = 512


worker_option = click.option(
    "--worker/--no-worker", default=True, help="A process beside the server that carries payments; on by default."
)


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@worker_option
def serve(config: Path, host: str, port: int, workers: int, worker: bool) -> None:
    """Serve FHIR below the path of base_url; /livez, /readyz and /metrics outside of it.  SIGHUP reads FILE anew."""
    settings = loaded(config)
    refuse_open_doors(settings, host)
    run(config, host, port, workers, worker)


def refuse_open_doors(settings: Settings, host: str) -> None:
    """``security.mode = "open"`` asks nobody for a token, and is therefore for this machine alone."""
    if settings.security.mode == "open" and not is_loopback(host):
        raise click.ClickException(
            f'security.mode = "open" serves loopback only, and --host {host} is reachable from outside. '
            "Use --host 127.0.0.1."
        )


class _Server(MPServer):
    """Workers read the settings when they start, and SIGHUP starts new ones: but only for settings without a fault."""

    def signal_handler_reload(self, *args: Any, **named: Any) -> None:
        """All or nothing: bad settings are told to the log, and the old ones stay in force."""
        with suppress(BadSettings):
            served()
            super().signal_handler_reload(*args, **named)  # type: ignore[no-untyped-call]
            if self.beside is not None:
                self.beside.restart()

    beside: Beside | None = None


def run(config: Path, host: str, port: int, workers: int = 1, worker: bool = True) -> None:
    """Serve until a signal ends it; with a worker, in a process of its own, that carries payments meanwhile."""
    _refuse_a_taken_port(host, port)
    os.environ[CONFIG] = str(config.absolute())
    kept = _require_state(loaded(config))
    with beside(config.absolute(), worker and kept) as process:
        server = _server(host, port, workers)
        server.beside = process
        server.serve()


def _require_state(settings: Settings) -> bool:
    """Refuses a state database that has another version's form; False for one that ends with its process."""
    try:
        with ExitStack() as opened:
            return not ground.state(settings, opened).in_memory
    except SchemaMismatch as mismatch:
        raise click.ClickException(str(mismatch)) from mismatch
    except (StateUnavailable, ValueError):  # workers say so, and go on when it is there
        return True


def _server(host: str, port: int, workers: int) -> _Server:
    return _Server(
        "fhir_facade.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    )


def _refuse_a_taken_port(host: str, port: int) -> None:
    """Granian shares a port with whoever else shares it, so that a second server would answer half the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as taken:
            raise click.ClickException(f"cannot listen on {host}:{port}: {taken.strerror}") from taken
