"""What is promised in prose is checked: the README's examples, its links, and what must be documented."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from fhir_facade.bell.refusal import Reason
from fhir_facade.errors import Forbidden, IssuerUnavailable, PeopleUnavailable, Unauthenticated
from fhir_facade.settings.load import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


EXAMPLES = [
    (page.name, example)
    for page in (ROOT / "README.md", *((ROOT / "docs" / f"{name}.md") for name in ("identity-providers", "people")))
    for example in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
]
REST = {
    "server": 'base_url = "https://billing.example.org/fhir"',
    "security": 'issuer = "https://id.example.org"\naudience = "https://billing.example.org/fhir"',
}
RIVERSIDE = """
[[billing_system]]
name = "clinic"
type = "sql"
settings = { url = "sqlite:///clinic.db", timezone = "US/Eastern" }

[[assigning_authority]]
id = "riverside"
name = "Riverside Medical Group"
system = "urn:oid:1.3.6.1.4.1.99999.1"
billing_system = "clinic"
bills = { view = true }
"""


@pytest.mark.parametrize("example", [text for _, text in EXAMPLES], ids=[name for name, _ in EXAMPLES])
def test_examples_of_settings_load(example: str, tmp_path: Path) -> None:
    missing = "".join(f"[{table}]\n{text}\n" for table, text in REST.items() if f"[{table}]" not in example)
    (tmp_path / "facade.toml").write_text(missing + example + RIVERSIDE)
    environ = dict.fromkeys(re.findall(r'"env:(\w+)"', example), "a secret")
    assert load(tmp_path / "facade.toml", environ=environ).released()


def test_there_are_examples_to_load() -> None:
    assert len(EXAMPLES) >= 7


def test_every_refusal_of_a_token_is_explained() -> None:
    page = (ROOT / "docs" / "identity-providers.md").read_text()
    sentences = [reason.sentence or Unauthenticated.template for reason in Reason]
    unavailable = (IssuerUnavailable.template, PeopleUnavailable.template, Forbidden.template)
    assert [text for text in (*sentences, *unavailable) if f"`{text}`" not in page] == []


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
