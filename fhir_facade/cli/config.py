"""The options that commands share, above all ``--config``, and the loading of the file that it names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Any

import click

from fhir_facade.cli.report import faults_in_words
from fhir_facade.house import House, build
from fhir_facade.settings.faults import BadSettings
from fhir_facade.settings.load import load
from fhir_facade.settings.model import Settings

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="FACADE_CONFIG",
    default="facade.toml",
    show_default=True,
    show_envvar=True,
    help="The settings file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
deadline_option = click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds to wait for billing systems, all together.",
)


class SettingsRefused(click.ClickException):
    """Ends a command with status 1 and all faults of the settings on standard error."""

    def __init__(self, refusal: BadSettings) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal

    def show(self, file: IO[Any] | None = None) -> None:
        faults_in_words(self.refusal.faults, file or sys.stderr)


def loaded(path: Path) -> Settings:
    """The settings of ``--config``, for commands that cannot go on without.  Raises ``SettingsRefused``."""
    try:
        return load(path)
    except BadSettings as refusal:
        raise SettingsRefused(refusal) from refusal


def built(settings: Settings) -> House:
    """The facade that settings describe, for commands that look into it.  Asks no billing system."""
    try:
        return build(settings)
    except ValueError as fault:  # what a site's settings cannot be right about
        raise click.ClickException(str(fault)) from fault
