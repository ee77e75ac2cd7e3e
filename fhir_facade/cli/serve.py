"""``fhir-facade serve``: the server, on Granian."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from fhir_facade.addresses import is_loopback
from fhir_facade.cli.config import config_option, loaded
from fhir_facade.settings.faults import BadSettings
from fhir_facade.settings.model import Settings
from fhir_facade.settings.serving import CONFIG, served

# Requests that may wait for billing systems at the same time, in each worker; threads are made when needed.
THREADS = 512
# Proxies keep idle connections for a minute; the server's end of one has to outlive theirs.  Headers that come slowly
# hold no thread, so that waiting for them costs little.
_IDLE_SECONDS = 75
_BUFFERED = 131_072  # bytes of a connection; headers that do not fit are answered by the server, with 431
CONNECTIONS: Mapping[str, Any] = {
    "http": HTTPModes.http1,  # HTTP/2 is the proxy's: its bounds would be others
    "http1_settings": HTTP1Settings(header_read_timeout=_IDLE_SECONDS * 1000, max_buffer_size=_BUFFERED),
    "websockets": False,
}


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(config: Path, host: str, port: int, workers: int) -> None:
    """Serve FHIR below the path of base_url; /livez, /readyz and /metrics outside of it.  SIGHUP reads FILE anew."""
    settings = loaded(config)
    refuse_open_doors(settings, host)
    run(config, host, port, workers)


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


def run(config: Path, host: str, port: int, workers: int = 1) -> None:
    """Serve until a signal ends it."""
    _refuse_a_taken_port(host, port)
    os.environ[CONFIG] = str(config.absolute())
    _Server(
        "fhir_facade.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        **CONNECTIONS,
    ).serve()


def _refuse_a_taken_port(host: str, port: int) -> None:
    """Granian shares a port with whoever else shares it, so that a second server would answer half the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as taken:
            raise click.ClickException(f"cannot listen on {host}:{port}: {taken.strerror}") from taken
