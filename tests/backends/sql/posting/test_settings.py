"""The ``posting`` table of an sql authority: judged at load with exact faults, tried by ``check``, and documented."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.backends.parts import parts
from fhir_facade.backends.sql import SqlBackend, batch, found
from fhir_facade.backends.sql.cells import Site
from fhir_facade.backends.sql.parameters import PARAMETERS, values
from fhir_facade.backends.sql.poster import SqlPoster
from fhir_facade.settings.faults import BadSettings, Fault
from fhir_facade.settings.load import load
from fhir_facade.settings.model import Settings
from tests.backends.sql.conftest import Open
from tests.backends.sql.posting.conftest import DOCUMENT, FILES, POSTING, SETTINGS, STATEMENT

HEAD = """
[server]
base_url = "http://127.0.0.1:8080/fhir"

[security]
mode = "open"
"""
ENVIRON = {"CLINIC_DATABASE": "sqlite:///a.db", "CLINIC_POSTING": "sqlite:///a.db"}


def loaded(folder: Path, authority: str) -> Settings:
    file = folder / "facade.toml"
    file.write_text(HEAD + FILES["facade.toml"] + authority)
    return load(file, environ=ENVIRON)


def refused(folder: Path, authority: str) -> list[Fault]:
    with pytest.raises(BadSettings) as refusal:
        loaded(folder, authority)
    return list(refusal.value.faults)


@pytest.mark.parametrize("way", ["statement", "file"])
def test_the_examples_load(way: str, tmp_path: Path) -> None:
    (authority,) = loaded(tmp_path, FILES[f"{way}.toml"]).authorities
    assert authority.posting["via"] == way


@pytest.mark.parametrize(
    ("way", "old", "new", "where", "message", "advice"),
    [
        ("statement", 'via = "statement"', 'via = "vendor"', "via", 'must be "statement" or "file"', "one of these 2"),
        ("statement", 'via = "statement"\n', "", "via", "is missing", 'for example via = "statement"'),
        ("statement", "found =", "foud =", "foud", "is no setting", "did you mean found?"),
        ("statement", "VALUES (:payment,", "VALUES ('x',", "statement", "must use :payment and :part and :amount", ""),
        ("statement", ":last4)", ":last_four)", "statement", "uses a parameter that there is not", ""),
        ("statement", "payment = :payment", "payment = '1'", "found", "must use :payment", ""),
        ("statement", "payment = :payment", "payment = :payment OR bill = :bill", "found", "uses a parameter", ""),
        ("file", 'acknowledgements = "/srv/drop/back"\n', "", "acknowledgements", "is missing", '"/srv/drop/back"'),
        ("file", 'OK = "posted"', 'OK = "fine"', "statuses.OK", '"accepted" or "refused"', ""),
        ("file", 'folder = "/srv/drop/out"', "folder = 5", "folder", "must be a text", 'folder = "5"'),
        ("file", 'visa = "Visa"', 'visa = ""', "methods.visa", "must not be empty", ""),
    ],
)
def test_a_fault_is_exact(way: str, old: str, new: str, where: str, message: str, advice: str, tmp_path: Path) -> None:
    text = FILES[f"{way}.toml"]
    assert text.count(old) == 1
    (fault,) = refused(tmp_path, text.replace(old, new))
    assert fault.where == f"assigning_authority[0].posting.{where}"
    assert fault.line > 20
    assert message in fault.message
    assert advice in fault.advice


def test_casts_and_times_are_no_parameters(tmp_path: Path) -> None:
    changed = FILES["statement.toml"].replace(":amount,", "CAST(:amount AS TEXT)::bigint + extract(hour from '12:30'),")
    assert loaded(tmp_path, changed).authorities


def test_how_payments_are_told_may_be_left_out(tmp_path: Path) -> None:
    head = FILES["statement.toml"].split("[assigning_authority.posting]")[0]
    pays = head.replace("{ view = true }", '{ view = true, pay = true }\ngateway = "main"')
    gateway = '[[gateway]]\nname = "main"\ntype = "redirect"\n[gateway.settings]\n'
    gateway += 'url = "https://pay.example.org/checkout"\nsecret = "long enough to sign messages with"\n'
    assert loaded(tmp_path, pays + gateway).authorities


def lines(teller: SqlPoster, posting: Mapping[str, Any]) -> dict[str, str]:
    return {probe.endpoint: probe.outcome for probe in teller.fits(posting)}


def test_check_tries_the_statement_and_runs_nothing(teller: SqlPoster, backend: SqlBackend) -> None:
    assert lines(teller, STATEMENT) == {"posting.statement": "ok", "posting.found": "ok"}
    assert backend.payments(POSTING.patient) == []


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("statement", "online_payments", "online_paymnts"),
        ("statement", "last4)", "last_4)"),
        ("found", "online_payments", "online_paymnts"),
        ("found", "bill, visit,", "bill,"),
    ],
)
def test_check_finds_what_the_database_does_not_have(teller: SqlPoster, key: str, old: str, new: str) -> None:
    broken = {**STATEMENT, key: STATEMENT[key].replace(old, new, 1)}
    assert lines(teller, broken)[f"posting.{key}"] == "unexpected answer"


def test_check_misses_the_user_that_posts(site: str, open_with: Open) -> None:
    given = {name: value for name, value in SETTINGS.items() if name != "posting_url"}
    teller = open_with(**given | {"url": site}).poster()
    (probe,) = teller.fits(STATEMENT)
    assert (probe.outcome, probe.detail) == (
        "misconfigured",
        "settings.posting_url names the user that posts, and is not set",
    )
    assert lines(teller, {}) == {"posting": "misconfigured"}


def test_check_looks_at_the_folders(teller: SqlPoster, folders: Mapping[str, Any]) -> None:
    names = ("posting.folder", "posting.folder/.sent", "posting.acknowledgements")
    assert lines(teller, folders) == dict.fromkeys(names, "ok")
    Path(folders["folder"], ".sent").rmdir()
    Path(folders["acknowledgements"]).rmdir()
    assert lines(teller, folders) == dict(zip(names, ("ok", "misconfigured", "misconfigured"), strict=True))
    assert lines(teller, {**folders, "found": STATEMENT["found"]})["posting.found"] == "ok"


def rows(after: str) -> dict[str, str]:
    """The table that follows a sentence of the document."""
    table = DOCUMENT.split(after)[1].split("\n|", 1)[1].split("\n\n")[0]
    return dict(re.findall(r"^\| `:?(\w+)` \| (.*) \|$", table, re.MULTILINE))


def test_parameters_and_columns_are_documented() -> None:
    assert rows("The statement can use:") == dict(PARAMETERS)
    assert rows("`found` has a row for each part") == dict(found.COLUMNS)
    assert rows("Acknowledgements are CSV files") == dict(batch.ACKNOWLEDGED)
    assert ", ".join(f"`{name}`" for name in batch.COLUMNS) in DOCUMENT


def test_there_is_a_value_for_each_parameter() -> None:
    assert values(POSTING, parts(POSTING)[0], Site(None)).keys() == PARAMETERS.keys()


def test_the_documented_rights_are_enough(
    site: str, at_site: Callable[..., SqlBackend], run: Callable[..., None]
) -> None:
    if site.startswith("sqlite"):
        pytest.skip("SQLite has no users")
    (grant,) = re.findall(r"^GRANT .*;$", DOCUMENT, re.MULTILINE)
    schema = re.findall(r"search_path%3D(\w+)", site)[0]
    poster = f"poster_{schema[-8:]}"
    run(f"CREATE ROLE {poster} LOGIN", f"GRANT USAGE ON SCHEMA {schema} TO {poster}", grant.replace("poster", poster))
    try:
        teller = at_site(posting_url=re.sub(r"//[^@]*@", f"//{poster}@", site)).poster()
        assert teller.tell(POSTING, {}).verdict.value == "posted"
        assert lines(teller, STATEMENT) == {"posting.statement": "ok", "posting.found": "ok"}
    finally:
        run(f"DROP OWNED BY {poster}", f"DROP ROLE {poster}")
