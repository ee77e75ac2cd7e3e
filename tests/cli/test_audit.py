"""``audit verify`` and ``audit export``: the proof, and what an operator hands over."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from fhir_facade.cli.audit import audit
from fhir_facade.house import House, build
from fhir_facade.keys import PatientKey
from fhir_facade.settings.load import load
from fhir_facade.state.database import Database
from tests.cli.conftest import Clinic, Run, Write, authority
from tests.conftest import Judge

ANNA = PatientKey("riverside", "1001")


@pytest.fixture
def config(written: Write, tmp_path: Path) -> Path:
    file = written(authority("riverside", "athena", "bills = { view = true }"), athena=Clinic)
    file.write_text(file.read_text().replace("[server]", f'[server]\nstate = "sqlite:///{tmp_path}/state.db"'))
    return file


@pytest.fixture
def house(config: Path) -> Iterator[House]:
    with closing(build(load(config))) as house:
        yield house


@pytest.fixture
def asked(house: House) -> str:
    """Three requests, of which the trail has all; the id of the second."""
    client, refused = house.app.test_client(), house.finder.ids.record("Invoice", ANNA, "none")
    client.get("/fhir/Patient?identifier=urn:numbers:riverside|1001")
    client.get(f"/fhir/Invoice/{refused}")
    client.get("/fhir/Invoice/nonsense", headers={"X-Request-Id": "r3"})
    house.carrier.carry()
    return refused


def exported(run: Run, *arguments: object) -> list[Any]:
    result = run(audit, "export", "--config", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_export_tells_all_and_to_whom_a_refused_id_belongs(
    run: Run, config: Path, house: House, asked: str, official: Judge
) -> None:
    searched, refused, missing = events = exported(run, config)
    for event in events:
        official(event)
    assert base64.b64decode(searched["entity"][1]["query"]) == b"Patient?identifier=urn:numbers:riverside|1001"
    patient = {
        "reference": f"Patient/{house.finder.ids.patient(ANNA)}",
        "identifier": {"system": "urn:numbers:riverside", "value": "1001"},
    }
    assert [event["entity"][0]["what"] for event in (searched, refused)] == [patient, patient]
    assert (refused["outcome"], refused["outcomeDesc"]) == ("4", "HTTP 404")
    assert refused["entity"][1]["what"] == {"reference": f"Invoice/{asked}"}
    assert [each["what"] for each in missing["entity"]] == [
        {"reference": "Invoice/nonsense"},
        {"identifier": {"value": "r3"}},
    ]


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [([], 3), (["--since", "2020-01-01"], 3), (["--since", "2999-01-01"], 0), (["--until", "2020-01-01"], 0)],
)
def test_an_export_has_its_days(run: Run, config: Path, asked: str, arguments: list[str], lines: int) -> None:
    assert len(exported(run, config, *arguments)) == lines


def test_an_authority_that_is_gone_leaves_its_patients_numbers(
    run: Run, config: Path, house: House, asked: str
) -> None:
    config.write_text(config.read_text().replace('id = "riverside"', 'id = "other"'))
    (searched, *_) = exported(run, config)
    assert searched["entity"][0]["what"] == {"display": "riverside 1001"}


def test_a_whole_trail_is_told_with_its_head(run: Run, config: Path, asked: str) -> None:
    result = run(audit, "verify", "--config", config)
    assert result.exit_code == 0
    counted, _, anchor = result.stdout.strip().partition(", up to ")
    assert counted == "3 entries"
    assert run(audit, "verify", "--config", config, "--anchor", anchor).exit_code == 0


def test_a_change_ends_it_with_1_and_says_where(run: Run, config: Path, asked: str) -> None:
    anchor = run(audit, "verify", "--config", config).stdout.strip().partition(", up to ")[2]
    with closing(Database(load(config).server.state)) as database, database.writing() as connection:
        connection.execute(text("DELETE FROM audit_events WHERE seq = 2"))
    result = run(audit, "verify", "--config", config, "--anchor", f"2:{'0' * 64}", "--anchor", anchor)
    assert result.exit_code == 1
    assert "entries 2 to 2 are missing" in result.output


def test_two_digests_of_one_place_are_told_apart(run: Run, config: Path, asked: str) -> None:
    result = run(audit, "verify", "--config", config, "--anchor", f"2:{'0' * 64}", "--anchor", f"2:{'1' * 64}")
    assert (result.exit_code, "two digests" in result.output) == (2, True)


@pytest.mark.parametrize("anchor", ["3", "3:abc", "x:" + "0" * 64])
def test_an_anchor_is_copied_whole(run: Run, config: Path, asked: str, anchor: str) -> None:
    result = run(audit, "verify", "--config", config, "--anchor", anchor)
    assert (result.exit_code, "COUNT:DIGEST" in result.output) == (2, True)


def test_a_state_that_is_not_there_is_said(run: Run, config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text().replace(f"{tmp_path}/state.db", f"{tmp_path}/none/state.db"))
    for command in ("verify", "export"):
        result = run(audit, command, "--config", config)
        assert (result.exit_code, "Error: " in result.output) == (1, True)
