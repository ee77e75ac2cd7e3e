"""What is installed is what is imported, what is imported is justified, and what is read is in the wheel."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg")
DECISION = (ROOT / "docs" / "adr" / "0011-dependencies.md").read_text()

LOADED_BY_NAME = {"psycopg", "tzdata"}  # SQLAlchemy loads the driver by URL, zoneinfo the data
GIVEN = {"fhir.resources"}  # the owner's choice; nothing imports it at run time before clients may send resources
SHIPS_FOR_TESTS = {"pytest"}  # fhir_facade.testing is for those who have it


def named(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower()


REQUIRED = {named(line) for line in SETUP["options"]["install_requires"].split("\n") if line}


def imported() -> Iterator[str]:
    """The distributions that the package imports from."""
    distributions = packages_distributions()
    for path in (ROOT / "fhir_facade").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"fhir_facade"}:
                yield from (found.lower().replace("_", "-") for found in distributions.get(top, ()))


def test_what_is_imported_is_required_and_nothing_else() -> None:
    assert set(imported()) - SHIPS_FOR_TESTS | LOADED_BY_NAME | GIVEN == REQUIRED


def test_every_requirement_has_its_line_in_the_decision() -> None:
    rows = re.findall(r"^\| ([\w., -]+) \| \S.* \| \S.* \|$", DECISION, re.MULTILINE)
    justified = {name.strip().lower() for row in rows for name in row.split(",")} - {"library"}
    assert justified == REQUIRED


def test_every_requirement_of_the_tests_is_named_in_the_decision() -> None:
    extra = {named(line) for line in SETUP["options.extras_require"]["test"].split("\n") if line}
    tests_own = {name for name in extra if not name.startswith("types-")} - {"pytest"}
    assert {name for name in tests_own if f"**{name}**" not in DECISION} == set()


@pytest.mark.parametrize("package", ["fhir_facade", "capability"])
def test_every_file_that_is_read_is_in_the_wheel(package: str) -> None:
    patterns = [pattern.strip() for pattern in SETUP["options.package_data"][package].split(",")]
    files = (path.relative_to(ROOT / package) for path in (ROOT / package).rglob("*") if path.is_file())
    data = [path.as_posix() for path in files if path.suffix not in (".py", ".pyc")]
    assert data
    assert [name for name in data if not any(fnmatch(name, pattern) for pattern in patterns)] == []
