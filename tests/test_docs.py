"""What is promised in prose is checked: the README's examples, its links, and what must be documented."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_names_every_command() -> None:
    missing = [point.name for point in entry_points(group="fhir_facade.commands") if point.name not in README]
    assert missing == []


def test_every_decision_has_its_parts() -> None:
    for page in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        text = page.read_text()
        assert re.match(r"# \d+\. ", text), page.name
        assert "**Context.**" in text, page.name
        assert "**Decision.**" in text, page.name
        assert "**Options.**" in text or "**Rejected.**" in text, page.name


def test_what_must_be_there_is_there() -> None:
    for name in ("CHANGELOG.md", "docs/runbook.md", "docs/glossary.md", "docs/custom-backend.md", ".ci/run"):
        assert (ROOT / name).is_file(), name


def test_no_registry_host_is_named() -> None:
    hosts = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org")
    texts = [
        p for p in ROOT.rglob("*") if p.is_file() and p.suffix in {".md", ".cfg", ".toml", ".py", ".txt", ".json", ""}
    ]
    own = [
        p
        for p in texts
        if not {".venv", ".git", ".venv-bench", "node_modules"} & set(p.relative_to(ROOT).parts) and p != Path(__file__)
    ]
    assert [str(p) for p in own if hosts.search(p.read_text(errors="ignore"))] == []
