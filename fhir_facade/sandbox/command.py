"""``fhir-facade demo``: two billing systems, the facade in front of them, and lines to paste."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from fhir_facade.cli.config import loaded
from fhir_facade.cli.serve import run
from fhir_facade.house import House, build
from fhir_facade.keys import PatientKey
from fhir_facade.sandbox.demo import start_billing_systems

HOST = "127.0.0.1"
BILLED = PatientKey("riverside", "1001")  # has bills in both provider groups of the practice
AT_BOTH_GROUPS = (BILLED, PatientKey("lakeside", "1001"))
SHARED_NUMBER = "1001"  # two different people: at the practice, and at the clinic


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 8))
def demo(port: int, workers: int) -> None:
    """Start an athenahealth sandbox, a sample SQL billing system and the facade; nothing leaves this machine."""
    base_url = f"http://{HOST}:{port}/fhir"
    with (
        tempfile.TemporaryDirectory(prefix="fhir-facade-") as directory,
        start_billing_systems(Path(directory), base_url=base_url) as config,
    ):
        house = build(loaded(config))
        try:
            welcome = "\n".join(_welcome(house, base_url))
        finally:
            house.close()
        click.echo(welcome)
        run(config, HOST, port, workers)


def _welcome(house: House, base_url: str) -> Iterator[str]:
    yield f"\nfhir-facade demo: {base_url}\n"
    for what, line in lines_to_paste(house, base_url):
        yield f"# {what}\n{line}\n"
    yield "Stop with Ctrl-C.\n"


def lines_to_paste(house: House, base_url: str) -> Iterator[tuple[str, str]]:
    """What each line shows, and the line."""

    def get(what: str) -> str:
        return f"curl '{base_url}/{what}&_pretty=true'"

    ids = house.finder.ids
    patient = ids.patient(BILLED)
    both = ",".join(ids.patient(key) for key in AT_BOTH_GROUPS)
    yield "what this server can do", f"curl '{base_url}/metadata?_pretty=true'"
    yield (
        "a patient number is a pair: this one is two different people",
        (f"curl -d identifier={SHARED_NUMBER} '{base_url}/Patient/_search?_pretty=true'"),
    )
    yield "somebody's bills at one medical group of the practice, newest first", get(f"Invoice?patient={patient}")
    yield "the same person's bills at both groups", get(f"Invoice?patient={both}")
    yield (
        "of these, what one assigning authority issued and what is owed",
        (get(f"Invoice?patient={both}&assigner=lakeside&status=issued")),
    )
    yield "accounts, with balances", get(f"Account?patient={both}")
    yield "appointments", get(f"Appointment?patient={both}")
    yield "payments", get(f"PaymentNotice?patient={both}")
    yield (
        "the clinic's billing database can be searched without a patient",
        (get("Invoice?assigner=clinic&totalgross=gt100")),
    )
