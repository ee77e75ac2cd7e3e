"""``fhir-facade openapi``: the OpenAPI document of a site, for generators of clients."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from fhir_facade import wire
from fhir_facade.cli.config import built, config_option, loaded
from fhir_facade.desk.openapi import openapi as document
from fhir_facade.settings.model import Server

_NO_STATE = "sqlite://"  # in memory, for as long as the command runs


@click.command()
@config_option
def openapi(config: Path) -> None:
    """Print the OpenAPI 3.1 document of what this site offers.  Neither billing systems nor the state are asked."""
    settings = loaded(config)
    with closing(built(replace(settings, server=Server(settings.server.base_url, state=_NO_STATE)))) as house:
        declared = house.hall.router.declared
    body = document(settings.server.base_url, declared, smart=settings.security.mode == "smart")
    click.echo(wire.pretty(wire.encode(body)).decode(), nl=False)
