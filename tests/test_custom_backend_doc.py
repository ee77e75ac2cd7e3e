"""docs/custom-backend.md: its files are written down as it says, and work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from fhir_facade.testing import BackendContract, PosterContract

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "custom-backend.md").read_text()
FILES = dict(re.findall(r"^`([\w.-]+)`\n```\w+\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL))
BEHAVIOURS, POSTER_BEHAVIOURS = (
    {
        name.removeprefix("test_").split("_")[0]: method.__doc__
        for name, method in vars(contract).items()
        if name.startswith("test_")
    }
    for contract in (BackendContract, PosterContract)
)
CSV_TEST = """
import pytest
from csv_billing import CsvBilling
from fhir_facade.backends.port import Context
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind
from fhir_facade.testing import BackendContract


class TestCsv(BackendContract):
    @pytest.fixture
    def backend(self, tmp_path):
        (tmp_path / "patients.csv").write_text("id,last,first\\n1,Example,Anna\\n2,Sample,Boris\\n")
        (tmp_path / "bills.csv").write_text(
            "id,patient,due,state,date\\nA1,1,12.50,owed,2026-01-02\\nA2,2,0,settled,2026-01-03\\n"
        )
        return CsvBilling.open({"folder": str(tmp_path)}, Context("csv", None))

    known = pytest.fixture(lambda self: SourceKey("csv", "1"))
    stranger = pytest.fixture(lambda self: SourceKey("csv", "2"))
    expected = pytest.fixture(lambda self: {Kind.PERSONS: {"1"}, Kind.BILLS: {"A1"}})
"""
SITE_TEST = """
from pathlib import Path

from fhir_facade.backends import registry
from fhir_facade.backends.port import Context
from fhir_facade.settings.load import load


def test_the_site_gets_the_backend_by_its_entry_point():
    system = load(Path("facade.toml"), environ={"ACME_KEY": "hush"}).billing_systems[0]
    backend = registry.load(system.type).open(system.settings, Context(system.name, None))
    assert (type(backend).__name__, backend.name) == ("AcmeBilling", "acme")
    assert backend.session.headers["X-Api-Key"] == "hush"
    backend.close()
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The document's files, and what pip would write about the package beside them."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "test_csv_billing.py").write_text(CSV_TEST)
    (tmp_path / "test_site.py").write_text(SITE_TEST)
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    about = tmp_path / f"acme_billing-{project['version']}.dist-info"
    about.mkdir()
    about.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    about.joinpath("entry_points.txt").write_text(_entry_points(project["entry-points"]))
    return tmp_path


def _entry_points(groups: Mapping[str, Mapping[str, str]]) -> str:
    return "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in groups.items()
    )


def test_the_package_of_the_document_keeps_the_contract(package: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-rs", "."],
        cwd=package,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(package), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"(\d+) passed, (\d+) skipped", run.stdout)
    assert passed is not None, run.stdout
    unmerged, unlocated_and_unscanned, healthy = 2, 2, 1
    visitless_and_purposeful = 2
    skipped = unmerged + unlocated_and_unscanned + healthy + visitless_and_purposeful
    assert [int(number) for number in passed.groups()] == [
        2 * len(BEHAVIOURS) + len(POSTER_BEHAVIOURS) + 1 - skipped,
        skipped,
    ]


def test_the_backend_has_under_60_lines() -> None:
    for name in ("acme_billing.py", "acme_posting.py", "csv_billing.py"):
        assert len([line for line in FILES[name].splitlines() if line.strip()]) < 60


def test_the_behaviours_are_documented_word_for_word() -> None:
    assert dict(re.findall(r"^\| (\d+[a-z]) \| (.*) \|$", DOCUMENT, re.MULTILINE)) == {
        number: str(said).replace("``", "`") for number, said in (BEHAVIOURS | POSTER_BEHAVIOURS).items()
    }


def test_the_documents_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", DOCUMENT):
        assert (ROOT / "docs" / link).exists(), link
