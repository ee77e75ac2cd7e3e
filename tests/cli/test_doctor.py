"""``doctor`` looks at what the server stands on, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_facade.backends.port import Probe
from fhir_facade.cli import surroundings
from fhir_facade.cli.doctor import doctor
from fhir_facade.settings.model import Secret, Server
from fhir_facade.state.database import Database
from tests.cli.conftest import Clinic, Refusing, Run, Write, authority
from tests.services import postgres_url, redis_url

UNUSED = "127.0.0.1:1"  # a port on which nothing listens


def made(url: str) -> str:
    database = Database(url)
    database.create()
    database.close()
    return url


def test_a_well_site_ends_with_0(written: Write, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(doctor, "--config", written(authority("riverside", "athena"), athena=Clinic))
    assert result.exit_code == 0
    lines = [line.split()[:3] for line in result.stdout.splitlines() if line.strip()]
    assert lines[3:] == [
        ["facade", "state", "ok"],
        ["facade", "id_key", "ok"],
        ["facade", "cache", "ok"],
        ["facade", "time", "zones"],
        ["athena", "/ping", "ok"],
        ["athena", "/extra", "not"],
    ]


def test_a_billing_system_that_refuses_ends_it_with_1(
    written: Write, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = written(authority("riverside", "athena"), athena=Refusing)
    result = run(doctor, "--json", "--config", file)
    assert result.exit_code == 1
    examined = json.loads(result.stdout)
    assert examined["ok"] is False
    assert {(line["of"], line["endpoint"], line["outcome"]) for line in examined["examined"]} >= {
        ("facade", "state", "ok"),
        ("athena", "after /ping", "refused"),
    }


def test_bad_settings_end_it_with_their_faults(written: Write, run: Run) -> None:
    result = run(doctor, "--config", written("[[client]]\n", athena=Clinic))
    assert result.exit_code == 1
    assert "client[0].id" in result.stderr


def test_a_state_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "facade.db"
    probe = surroundings.state(f"sqlite:///{file}")
    assert (probe.outcome, probe.detail) == ("ok", f"{file} is made when the server starts")
    assert not file.exists()


def test_a_state_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert surroundings.state(f"sqlite:///{tmp_path}/nowhere/facade.db").outcome == "refused"


def test_a_state_file_that_is_there_is_written_to(tmp_path: Path) -> None:
    assert surroundings.state(made(f"sqlite:///{tmp_path}/facade.db")) == Probe("state", "ok")


def test_a_state_file_that_is_something_else_is_no_state(tmp_path: Path) -> None:
    file = tmp_path / "facade.db"
    file.write_text("something else, and long enough to be mistaken for the header of a database file" * 9)
    assert surroundings.state(f"sqlite:///{file}").outcome == "unreachable"


def test_a_postgresql_state_is_written_to() -> None:
    with postgres_url() as url:
        probe = surroundings.state(url)
        assert (probe.outcome, "run fhir-facade migrate" in probe.detail) == ("misconfigured", True)
        assert surroundings.state(made(url)) == Probe("state", "ok")


def test_a_state_that_does_not_answer_is_unreachable() -> None:
    probe = surroundings.state(f"postgresql://me:hush@{UNUSED}/x")
    assert probe.outcome == "unreachable"
    assert "hush" not in probe.detail


def test_a_state_that_cannot_be_one_is_misconfigured() -> None:
    assert surroundings.state("mysql://db.example.org/x").outcome == "misconfigured"


def test_redis_is_asked_where_it_is_used() -> None:
    assert surroundings.cache(redis_url()) == Probe("cache", "ok")
    assert surroundings.cache(f"redis://{UNUSED}/0").outcome == "unreachable"
    assert surroundings.cache("redos://").outcome == "misconfigured"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "kept in the state database"),
        (Secret(("n" * 32,)), "from the settings"),
        (Secret(("n" * 32, "o" * 32)), "with 1 older"),
    ],
)
def test_where_the_key_of_ids_is(key: Secret | None, said: str) -> None:
    assert said in surroundings.id_key(Server("http://localhost", id_key=key)).detail


def test_old_names_of_zones_are_known() -> None:
    assert surroundings.time_zones().ok
