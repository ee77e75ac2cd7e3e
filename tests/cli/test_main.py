"""The group ``fhir-facade`` has the commands that are installed, and imports no other."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import fhir_facade
from fhir_facade.cli.config import SettingsRefused, loaded
from fhir_facade.cli.main import GROUP, main
from tests.cli.conftest import Run


def test_its_version_is_the_packages(run: Run) -> None:
    assert run(main, "--version").stdout == f"fhir-facade, version {fhir_facade.__version__}\n"


def test_every_installed_command_is_listed_with_a_sentence(run: Run) -> None:
    names = set(entry_points(group=GROUP).names)
    assert names >= {"check", "doctor"}
    listed = run(main, "--help").stdout.split("Commands:")[1]
    words = [line.split() for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    assert {line[0] for line in words} == names
    assert all(len(line) > 3 for line in words)


def test_an_unknown_command_is_refused(run: Run) -> None:
    result = run(main, "chekc")
    assert result.exit_code == 2
    assert "chekc" in result.stderr


def test_a_command_is_run(run: Run, tmp_path: Path) -> None:
    assert run(main, "check", "--config", tmp_path / "nowhere.toml").exit_code == 1


def test_a_command_that_cannot_be_imported_spoils_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "broken-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(f"[{GROUP}]\nbroken = no.such.module:command\nodd = os:path\n")

    def said(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = "from fhir_facade.cli.main import main; main()"
        environ = {"PYTHONPATH": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], env=environ, capture_output=True, text=True, check=False
        )

    assert "check" in said("--help").stdout
    assert "cannot be imported: No module named 'no'" in said("broken").stderr
    assert said("broken").returncode == 1
    assert "os:path is no click command" in said("odd").stderr


def test_the_sandbox_is_not_imported_by_the_group() -> None:
    code = "import sys, fhir_facade.cli.main, fhir_facade.cli.check; print([m for m in sys.modules if 'sandbox' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_command_that_needs_settings_is_refused_with_all_faults(tmp_path: Path) -> None:
    file = tmp_path / "facade.toml"
    file.write_text("[[client]]\n")
    with pytest.raises(SettingsRefused) as refusal:
        loaded(file)
    assert refusal.value.exit_code == 1
    assert "client[0].id" in refusal.value.format_message()
