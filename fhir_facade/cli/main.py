"""``fhir-facade``: a group whose commands are the entry points of ``fhir_facade.commands``.

So a command is added by a line of metadata, and nothing here imports what only one command needs.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn

import click

from fhir_facade import __version__

GROUP = "fhir_facade.commands"


class Commands(click.Group):
    """The installed commands, each imported when it is used.  One that cannot be imported says so when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(entry_points(group=GROUP).names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        point = next(iter(entry_points(group=GROUP, name=cmd_name)), None)
        return _loaded(point) if point else None


def _loaded(point: EntryPoint) -> click.Command:
    try:
        found = point.load()
    except (ImportError, AttributeError) as error:
        return _unusable(point.name, f"cannot be imported: {error}")
    return found if isinstance(found, click.Command) else _unusable(point.name, f"{point.value} is no click command")


def _unusable(name: str, reason: str) -> click.Command:
    def refuse() -> NoReturn:
        raise click.ClickException(f"{name}: {reason}")

    return click.Command(name, callback=refuse, short_help=reason)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fhir-facade")
def main() -> None:
    """FHIR R4 bills, accounts, appointments and payments in front of billing systems that do not speak FHIR."""
