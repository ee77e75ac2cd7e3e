"""``check`` shows everything there is, and ends with 1 on any fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_facade.cli.check import check
from tests.cli.conftest import (
    Broken,
    Clinic,
    Hanging,
    Lacking,
    Misconfigured,
    Paid,
    Refusing,
    Rows,
    Run,
    Write,
    authority,
)

ROOT = Path(__file__).parents[2]
ALL = 'select = { provider_group = ["1", "2", "3"] }'


def test_a_right_site_is_shown_and_ends_with_0(written: Write, run: Run) -> None:
    text = authority("riverside", "athena", ALL + "\nbills = { view = true }")
    result = run(check, "--config", written(text, athena=Clinic))
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["athena", "tests.cli.conftest:Clinic", "/ping", "ok"] in lines
    assert ["/extra", "not", "enabled", "ask", "for", "it"] in lines
    shown = next(line for line in lines if line[:1] == ["riverside"])
    assert " ".join(shown) == (
        "riverside Riverside urn:numbers:riverside athena provider_group 1, 2, 3 "
        "appointments, bills.pending, bills.view"
    )
    assert lines[-1] == ["all", "is", "well"]


def test_nothing_is_cut_where_there_is_no_terminal(written: Write, run: Run) -> None:
    text = authority("riverside", "athena", ALL)
    result = run(check, "--config", written(text, athena=Clinic), COLUMNS="40")
    assert "…" not in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("class_", "endpoint", "outcome", "detail"),
    [
        (Lacking, "/claims", "not enabled", "ask for it"),
        (Refusing, "after /ping", "refused", "the client is unknown"),
        (Misconfigured, "settings", "misconfigured", "no such zone"),
    ],
)
def test_a_billing_system_that_does_not_work_ends_it_with_1(
    written: Write, run: Run, class_: type, endpoint: str, outcome: str, detail: str
) -> None:
    result = run(check, "--json", "--config", written(authority("riverside", "athena"), athena=class_))
    assert result.exit_code == 1
    last = json.loads(result.stdout)["billing_systems"][0]["endpoints"][-1]
    assert (last["endpoint"], last["outcome"], last["detail"]) == (endpoint, outcome, detail)


def test_one_that_hangs_does_not_keep_the_others(written: Write, run: Run) -> None:
    file = written(authority("riverside", "athena") + authority("hill", "clinic"), athena=Hanging, clinic=Clinic)
    result = run(check, "--json", "--deadline", "0.2", "--config", file)
    assert result.exit_code == 1
    hanging, well = json.loads(result.stdout)["billing_systems"]
    assert [(line["endpoint"], line["outcome"]) for line in hanging["endpoints"]] == [
        ("/ping", "ok"),
        ("after /ping", "timed out"),
    ]
    assert hanging["endpoints"][1]["detail"] == "no answer within 0.2 s"
    assert [line["outcome"] for line in well["endpoints"]] == ["ok", "not enabled"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_backend_with_a_fault_of_its_own_is_a_line_not_an_end(written: Write, run: Run) -> None:
    result = run(check, "--config", written(authority("riverside", "athena"), athena=Broken))
    assert result.exit_code == 1
    assert "the backend broke" in result.stdout
    assert "riverside" in result.stdout


def test_a_disabled_billing_system_is_not_tried(written: Write, run: Run) -> None:
    text = authority("riverside", "athena")
    file = written(text, athena=Refusing)
    file.write_text(file.read_text().replace('name = "athena"', 'name = "athena"\nenabled = false'))
    result = run(check, "--config", file)
    assert result.exit_code == 0
    assert "disabled" in result.stdout
    assert "athena (disabled)" in result.stdout
    assert "no assigning authority is released" in result.stdout
    assert json.loads(run(check, "--json", "--config", file).stdout)["assigning_authorities"][0]["released"] is False


def test_a_part_that_nobody_selects_is_named_and_no_fault(written: Write, run: Run) -> None:
    text = authority("riverside", "athena", 'select = { provider_group = ["1", "2"] }')
    result = run(check, "--config", written(text, athena=Clinic))
    assert result.exit_code == 0
    assert 'nobody selects provider_group "3" (Hillside) of athena' in result.stdout


@pytest.mark.parametrize(("department", "outcome"), [("1", "ok"), ("7", "misconfigured")])
def test_how_payments_are_told_is_tried_for_each_authority(
    written: Write, run: Run, department: str, outcome: str
) -> None:
    text = authority("riverside", "athena", f'posting = {{ department = "{department}" }}')
    result = run(check, "--json", "--config", written(text, athena=Paid))
    *others, last = json.loads(result.stdout)["billing_systems"][0]["endpoints"]
    assert (last["endpoint"], last["outcome"]) == ("riverside: department", outcome)
    assert result.exit_code == (0 if outcome == "ok" else 1)
    assert len(others) == 2
    silent = run(check, "--json", "--config", written(authority("riverside", "athena"), athena=Paid))
    assert json.loads(silent.stdout)["billing_systems"][0]["endpoints"] == others


def test_who_selects_nothing_has_everything(written: Write, run: Run) -> None:
    result = run(check, "--config", written(authority("riverside", "athena"), athena=Clinic))
    assert "nobody selects" not in result.stdout
    assert "everything" in result.stdout


@pytest.mark.parametrize(("class_", "status"), [(Clinic, 1), (Rows, 0)])
def test_a_part_that_is_not_there_is_a_fault_unless_any_key_selects(
    written: Write, run: Run, class_: type, status: int
) -> None:
    text = authority("riverside", "athena", 'select = { provider_group = ["1", "2", "3", "4"] }')
    result = run(check, "--config", written(text, athena=class_))
    assert result.exit_code == status
    assert 'riverside selects provider_group "4", which athena does not have' in result.stdout


def test_billing_systems_are_closed(written: Write, run: Run) -> None:
    Clinic.closed.clear()
    run(check, "--config", written(authority("riverside", "athena"), athena=Refusing))
    assert Clinic.closed == ["athena"]


def test_the_faults_of_a_file_are_printed_and_end_it_with_1(written: Write, run: Run) -> None:
    result = run(check, "--config", written("servre = 1\n[[client]]\n", athena=Clinic))
    assert result.exit_code == 1
    assert "client[0].id" in result.stdout
    assert result.stdout.endswith("2 faults\n")


def test_the_faults_of_a_file_as_json(written: Write, run: Run) -> None:
    result = run(check, "--json", "--config", written("[[client]]\n", athena=Clinic))
    assert result.exit_code == 1
    (fault,) = json.loads(result.stdout)["faults"]
    assert fault.keys() == {"file", "line", "where", "message", "advice"}
    assert (fault["line"], fault["where"]) == (8, "client[0].id")


def test_the_file_may_be_named_by_the_environment(written: Write, run: Run) -> None:
    file = written(authority("riverside", "athena"), athena=Clinic)
    assert run(check, FACADE_CONFIG=str(file)).exit_code == 0


def test_a_file_that_is_not_there_is_a_fault(run: Run, tmp_path: Path) -> None:
    result = run(check, "--config", tmp_path / "nowhere.toml")
    assert result.exit_code == 1
    assert "No such file" in result.stdout


def test_the_manual_shows_what_check_says_of_the_broken_example(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    said = run(check, "--config", "examples/broken.toml").stdout
    assert said.endswith("faults\n")
    command = "$ fhir-facade check --config examples/broken.toml\n"
    assert f"```console\n{command}{said}```\n" in (ROOT / "docs" / "settings.md").read_text()
