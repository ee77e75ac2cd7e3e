"""docs/athenahealth.md tells what is asked, how often, and every setting, as they are."""

from __future__ import annotations

import datetime as dt
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from fhir_facade.backends.athenahealth import endpoints
from fhir_facade.backends.athenahealth.configuration import SCHEMA, Configuration, configure
from fhir_facade.backends.athenahealth.endpoints import Endpoint
from fhir_facade.backends.athenahealth.ways import POSTING_SCHEMA
from fhir_facade.backends.athenahealth.writes import ALLOWED
from fhir_facade.files.source import LIFE
from fhir_facade.mappers.table import KIND_OF
from fhir_facade.records import Kind
from fhir_facade.sandbox.athenahealth import Practice, Simulator
from fhir_facade.settings.load import load
from fhir_facade.settings.model import AssigningAuthority, Bills
from fhir_facade.testing.asking import ask
from tests.backends.athenahealth.conftest import ANNA, Open
from tests.backends.athenahealth.telling import RECORD, VENDOR, posting

DOCUMENT = (Path(__file__).parents[3] / "docs" / "athenahealth.md").read_text()
READ = {each.template: each for each in vars(endpoints).values() if isinstance(each, Endpoint)}
CODE = re.compile(r"`([^`]+)`")
# What a setting is when left out, where the configuration writes it otherwise.
WRITTEN = {"receipts": "home", "clean_balance_means": "collectable", "vendor_reconciles_by": "retry"}
UNTOLD = {
    "base_url": "the environment's",
    "rate": "",
    "rate.per_second": "no limit",
    "rate.per_day": "no limit",
    "department": "",
    "vendor_duplicate_says": "*duplicate*; or *already*, *unique*, *exist* or *used* after *externalref*",
}


def rows(section: str) -> Iterator[list[str]]:
    """The cells of the rows of the tables below a heading."""
    for line in DOCUMENT.partition(f"## {section}\n")[2].partition("\n## ")[0].splitlines():
        if line.startswith("| ") and not line.startswith(("| endpoint", "| file", "| setting", "| | ")):
            yield [cell.strip() for cell in line[1:-1].split("|")]


def asked() -> dict[str, list[str]]:
    return {CODE.findall(cells[0])[0]: cells for cells in rows("What is asked") if cells[0].startswith("`/")}


def calls() -> dict[str, list[str]]:
    return {cells[0]: cells for cells in rows("What is asked") if not cells[0].startswith("`")}


def test_every_endpoint_that_is_read_is_in_the_table_and_no_other() -> None:
    assert asked().keys() == READ.keys()
    assert {template for template, cells in asked().items() if "*optional*" in cells[2]} == {
        template for template, endpoint in READ.items() if endpoint.optional
    }


def test_the_parameters_are_those_that_are_sent(open_backend: Open, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    practice.add_visit(1001, 985001, date=dt.date(2026, 3, 2))
    for more in ({"receipts": "each"}, {"patient_number": "local", "department": "1"}):
        backend = open_backend(**more)
        for kind in Kind:
            ask(backend, kind, ANNA)
        list(backend.probe())
        backend.practitioners()
    backend = open_backend()
    backend.locate(Kind.BILLS, "9301")
    backend.locate(Kind.VISITS, "985001")
    backend.snapshot(posting(visit="985001", copay="1"))
    for way in (RECORD, VENDOR):
        list(backend.fits(way))
    sent: dict[str, set[str]] = {template: set() for template in READ}
    for call in sim.calls:
        if (template := call.template.replace("{vendor}", "{id}")) in sent:
            sent[template] |= call.query.keys() - {"offset", "limit"}
    assert {template: set(CODE.findall(cells[1])) for template, cells in asked().items()} == sent


def test_every_write_is_in_the_table_with_its_fields_and_no_other() -> None:
    told = {CODE.findall(cells[0])[0]: set(CODE.findall(cells[1])) for cells in rows("Payments") if "`/" in cells[0]}
    assert told == {write.template: set(write.fields) for write in ALLOWED}


@pytest.mark.parametrize("type", ["Patient", "Invoice", "Account", "Appointment", "PaymentNotice"])
def test_a_file_costs_what_the_table_says_and_lives_as_long(
    open_backend: Open, sim: Simulator, practice: Practice, type: str
) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    backend = open_backend()
    backend.places()
    backend.practitioners()
    sim.forget()
    ask(backend, KIND_OF[type], ANNA)
    _, cost, life = calls()[type]
    assert len(sim.calls) == int(re.split(r"\D", cost)[0])
    seconds, unit = life.split()
    assert LIFE[KIND_OF[type]] == int(seconds) * {"s": 1, "min": 60}[unit]


def test_the_two_settings_that_cost_more_cost_what_the_table_says(
    open_backend: Open, sim: Simulator, practice: Practice
) -> None:
    backend = open_backend(receipts="each", visits_ask_patient=True)
    backend.places()
    backend.practitioners()
    sim.forget()
    backend.visits(ANNA)
    assert len(sim.calls) == 2
    sim.forget()
    backend.payments(ANNA)
    assert sorted(call.template for call in sim.calls) == [
        "/patients/{id}",
        "/patients/{id}/appointments",
        "/patients/{id}/receipts",
    ]


def _settings() -> Iterator[tuple[str, str]]:
    for name, schema in SCHEMA["properties"].items():
        yield name, schema["description"]
        for inner, described in schema.get("properties", {}).items():
            yield f"{name}.{inner}", described["description"]


def test_every_setting_is_documented_with_its_default() -> None:
    required = {name: "x" if name != "environment" else "preview" for name in SCHEMA["required"]}
    left_out = configure(required)
    in_force = {each.name: getattr(left_out, each.name) for each in fields(Configuration)}
    in_force |= WRITTEN | {f"{name}_seconds": in_force[name] for name in ("deadline", "posting_deadline")}
    documented = {CODE.findall(cells[0])[0]: cells[1:] for cells in rows("Settings")}
    assert documented.keys() == dict(_settings()).keys()
    for name, description in _settings():
        default = UNTOLD.get(name) if name in UNTOLD else f"`{json.dumps(in_force.get(name))}`"
        assert documented[name] == ["required" if name in SCHEMA["required"] else default, description], name


def test_what_overrides_an_assumption_is_a_setting() -> None:
    known = {name for name, _ in _settings()}
    known |= {each.name for each in fields(AssigningAuthority)} | {f"bills.{each.name}" for each in fields(Bills)}
    overriding = [
        code.partition(" = ")[0]
        for cells in rows("What is assumed")
        for code in CODE.findall(cells[2])
        if not cells[2].startswith("none") and not code.startswith("source.")
    ]
    assert "visits_ask_patient" in overriding
    assert set(overriding) <= known


def test_the_example_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = textwrap.dedent(DOCUMENT.split("```toml\n")[1].split("   ```")[0])
    example += DOCUMENT.split("```toml\n")[2].split("```")[0]
    head = '[server]\nbase_url = "http://localhost/fhir"\n[security]\nmode = "open"\n'
    (tmp_path / "facade.toml").write_text(head + example)
    monkeypatch.setenv("ATHENA_CLIENT_ID", "an-id")
    monkeypatch.setenv("ATHENA_CLIENT_SECRET", "a-secret")
    settings = load(tmp_path / "facade.toml")
    assert [authority.id for authority in settings.released()] == ["riverside"]
    jsonschema.validate(settings.billing_systems[0].settings, SCHEMA)
    jsonschema.validate(settings.authorities[0].posting, POSTING_SCHEMA)
    assert settings.authorities[0].posting["via"] == "recordpayment"
