"""``fhir-facade audit``: prove that the audit trail is what was written, and hand it over."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import closing
from pathlib import Path

import click

from fhir_facade import wire
from fhir_facade.audit.verification import verify as verified
from fhir_facade.cli.audit_events import Exporter
from fhir_facade.cli.config import built, config_option, loaded
from fhir_facade.errors import StateUnavailable
from fhir_facade.state.database import Database
from fhir_facade.state.trail import Trail

_ANCHOR = re.compile(r"(\d+):([0-9a-f]{64})")


@click.group()
def audit() -> None:
    """The audit trail: who looked at what."""


@audit.command()
@config_option
@click.option("--anchor", "anchors", multiple=True, metavar="COUNT:DIGEST", help="Of an audit.anchored log line.")
def verify(config: Path, anchors: tuple[str, ...]) -> None:
    """Exit status 1 where an entry was changed, taken out or put in since it was written.

    Whoever can write to the database can also make the chain anew, cut off its end, or delete its beginning as if that
    were too old; an anchor that stood in the log shows it.
    """
    known = _known(anchors)
    try:
        with closing(Database(loaded(config).server.state)) as database:
            verdict = verified(Trail(database), known)
    except StateUnavailable as failure:
        raise click.ClickException(str(failure)) from failure
    click.echo(f"{verdict.entries} entries, up to {verdict.head.seq}:{verdict.head.hash.hex()}")
    if verdict.pruned:
        click.echo(
            f"entries up to {verdict.pruned} are deleted; the counts of all audit.pruned lines must come to that"
        )
    if verdict.faults:
        raise click.ClickException("\n".join(verdict.faults))


@audit.command()
@config_option
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on, UTC.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day, UTC.")
def export(config: Path, since: dt.datetime | None, until: dt.datetime | None) -> None:
    """Print AuditEvents, one a line (NDJSON), for operators: searches as they were sent, owners of what was refused.

    What it prints is patients'.  The events of the last half second may be missing.
    """
    settings = loaded(config)
    begin = 0 if since is None else _milliseconds(since)
    end = None if until is None else _milliseconds(until + dt.timedelta(days=1))
    try:
        with closing(built(settings)) as house, closing(Database(settings.server.state)) as database:
            exporter = Exporter(house.finder)
            for row in Trail(database).entries():
                if row.recorded >= begin and (end is None or row.recorded < end):
                    click.echo(wire.encode(exporter.event(row)))
    except StateUnavailable as failure:
        raise click.ClickException(str(failure)) from failure


def _known(anchors: tuple[str, ...]) -> dict[int, str]:
    told = {_anchor(each) for each in anchors}
    known = dict(told)
    if len(known) < len(told):
        raise click.BadParameter("of one place the log told two digests", param_hint="--anchor")
    return known


def _anchor(text: str) -> tuple[int, str]:
    read = _ANCHOR.fullmatch(text.strip())
    if read is None:
        raise click.BadParameter("write it as COUNT:DIGEST, such as 1200:3f…", param_hint="--anchor")
    return int(read[1]), read[2]


def _milliseconds(day: dt.datetime) -> int:
    return int(day.replace(tzinfo=dt.UTC).timestamp() * 1000)
