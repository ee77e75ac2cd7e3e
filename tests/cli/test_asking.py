"""``doctor`` and ``check`` ask the issuer of tokens and the person index, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.cli.check import check
from fhir_facade.cli.doctor import doctor
from tests.bell.issuing import AUDIENCE, USER, Clock, IssuerStub, issuing
from tests.cli.conftest import Clinic, Run, Write, authority
from tests.mpi.indexing import OPERATION, SEARCH, IndexStub, indexing, outcome, said


@pytest.fixture
def issuer() -> Iterator[IssuerStub]:
    with issuing(Clock()) as issuer:
        yield issuer


@pytest.fixture
def index() -> Iterator[IndexStub]:
    with indexing() as stub:
        yield stub


@pytest.fixture
def config(written: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: IndexStub) -> Path:
    monkeypatch.chdir(tmp_path)
    people = f'[people]\nurl = "{index.url}"\nperson_system = "urn:people"\n'
    return written(
        authority("riverside", "athena", 'select = { provider_group = ["1", "2", "3"] }') + people, athena=Clinic
    )


def smart(config: Path, issuer: IssuerStub, more: str = "") -> Path:
    said = f'mode = "smart"\nissuer = "{issuer.url}"\naudience = "{AUDIENCE}"\n{more}'
    config.write_text(config.read_text().replace('mode = "open"\n', said))
    return config


def lines(run: Run, config: Path, of: str) -> list[tuple[str, str, str]]:
    shown = json.loads(run(doctor, "--json", "--config", config).stdout)["examined"]
    return [(line["endpoint"], line["outcome"], line["detail"]) for line in shown if line["of"] == of]


def test_an_issuer_that_is_well(run: Run, config: Path, issuer: IssuerStub) -> None:
    assert lines(run, smart(config, issuer), "issuer") == [
        ("metadata", "ok", "names this issuer"),
        ("jwks_uri", "ok", "3 for signatures: EC, ES256, RSA"),
        ("introspection_endpoint", "not enabled", "no security.client_id: signed tokens only"),
    ]
    assert run(doctor, "--config", config).exit_code == 0


def test_introspection_is_tried(run: Run, config: Path, issuer: IssuerStub) -> None:
    file = smart(config, issuer, f'client_id = "{USER[0]}"\nclient_secret = "{USER[1]}"\n')
    assert lines(run, file, "issuer")[2][1] == "misconfigured"
    issuer.introspects()
    assert lines(run, file, "issuer")[2] == ("introspection_endpoint", "ok", "")
    issuer.replaced["introspect"] = said({}, 401)
    assert lines(run, file, "issuer")[2] == (
        "introspection_endpoint",
        "unreachable",
        "introspection_endpoint: answered 401",
    )
    assert run(doctor, "--config", file).exit_code == 1


def test_an_issuer_that_is_not_well(run: Run, config: Path, issuer: IssuerStub) -> None:
    file = smart(config, issuer)
    issuer.keys = []
    assert lines(run, file, "issuer")[1][:2] == ("jwks_uri", "unexpected answer")
    issuer.metadata["openid-configuration"]["issuer"] = "https://another.example.org"
    assert lines(run, file, "issuer") == [("metadata", "unreachable", "openid-configuration: named another issuer")]
    assert run(doctor, "--config", file).exit_code == 1


def test_an_index_that_is_well(run: Run, config: Path, index: IndexStub) -> None:
    assert lines(run, config, "people") == [
        ("Patient/_search", "ok", "urn:people"),
        ("Patient/_search", "ok", "urn:numbers:riverside"),
    ]
    assert run(doctor, "--config", config).exit_code == 0
    result = run(check, "--config", config)
    assert result.exit_code == 0
    assert ["Patient/_search", "ok", "urn:people"] in [line.split() for line in result.stdout.splitlines()]
    assert set(index.asked) == {SEARCH}


@pytest.mark.parametrize("command", [doctor, check])
def test_an_index_that_refuses_ends_it_with_1(run: Run, config: Path, index: IndexStub, command: Any) -> None:
    index.replaced[SEARCH] = outcome(403, "forbidden")
    result = run(command, "--json", "--config", config)
    assert result.exit_code == 1
    shown = json.loads(result.stdout)
    assert shown["ok"] is False
    (line,) = shown.get("people") or [line for line in shown["examined"] if line["of"] == "people"]
    assert (line["outcome"], line["detail"]) == ("unreachable", "Patient/_search: answered 403")


def test_a_system_that_the_index_does_not_know_is_a_setting_to_mend(run: Run, config: Path, index: IndexStub) -> None:
    config.write_text(config.read_text().replace("[people]", '[people]\nhow = "ihe-pix"'))
    index.domains = {"urn:people"}
    assert lines(run, config, "people") == [
        ("Patient/$ihe-pix", "ok", "urn:people"),
        ("Patient/$ihe-pix", "misconfigured", "does not know the identifier system urn:numbers:riverside"),
    ]
    assert set(index.asked) == {OPERATION}
