"""``fhir-facade demo``: two billing systems, an authorization server, the facade in front, and lines to paste."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import click

from fhir_facade.cli.config import loaded
from fhir_facade.cli.serve import run, worker_option
from fhir_facade.house import build
from fhir_facade.sandbox.authorization.shortcut import DEMO_APP
from fhir_facade.sandbox.demo import Demo, is_free, start_billing_systems, start_demo
from fhir_facade.sandbox.lines import lines_to_paste

HOST = "127.0.0.1"
_PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", default=8080, show_default=True, type=_PORT)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 8))
@worker_option
@click.option("--open", "without_tokens", is_flag=True, help="Ask nobody for a token.")
@click.option(
    "--authorization-port", type=_PORT, help="The authorization server's; by default the next one, or one that is free."
)
def demo(port: int, workers: int, worker: bool, without_tokens: bool, authorization_port: int | None) -> None:
    """Start an athenahealth sandbox, a sample SQL billing system, an authorization server and the facade.

    Nothing leaves this machine.
    """
    base_url = f"http://{HOST}:{port}/fhir"
    with tempfile.TemporaryDirectory(prefix="fhir-facade-") as directory, ExitStack() as started:
        if without_tokens:
            config = started.enter_context(start_billing_systems(Path(directory), base_url=base_url))
            smart = None
        else:
            beside = _beside(port, authorization_port)
            smart = started.enter_context(start_demo(Path(directory), base_url=base_url, authorization_port=beside))
            config = smart.config
        click.echo("\n".join(_welcome(config, base_url, smart)))
        run(config, HOST, port, workers, worker)


def _beside(port: int, chosen: int | None) -> int:
    """The authorization server's port; 0 is any free one."""
    if chosen is not None and (chosen == port or not is_free(chosen)):
        raise click.ClickException(f"cannot listen on {HOST}:{chosen}: it is in use")
    return chosen or (port + 1 if is_free(port + 1) else 0)


def _welcome(config: Path, base_url: str, smart: Demo | None) -> Iterator[str]:
    yield f"\nfhir-facade demo: {base_url}\n"
    settings = loaded(config)
    with closing(build(settings)) as house:  # for the ids in the lines; each worker builds its own
        if smart is not None:
            smart.let_people_in(house, settings)
        for what, line in lines_to_paste(house, base_url, smart.authorization.issuer if smart else ""):
            yield f"# {what}\n{line}\n"
    if smart is not None:
        yield f"A SMART app signs in with the FHIR server {base_url} and the client id {DEMO_APP}, or registers itself."
        yield f"An app that is started from a portal or an EHR is started at {smart.authorization.issuer}/launch"
        yield f"The exchange's private key, for SMART Backend Services: {smart.exchanges_key}\n"
    yield "Stop with Ctrl-C.\n"
