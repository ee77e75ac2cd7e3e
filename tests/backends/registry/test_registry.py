"""Backends are found by the name they were installed with, or by where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.port import BillingSystem
from fhir_facade.backends.registry import UnknownBackend, installed, load


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of somebody else's, installed with a backend, with one that is broken and with one that is none."""
    about = tmp_path / "elsewhere-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[fhir_facade.backends]\nelsewhere = elsewhere:Elsewhere\nbroken = elsewhere:Gone\nplain = elsewhere:NUMBER\n"
    )
    (tmp_path / "elsewhere.py").write_text(
        "from fhir_facade.backends.memory import MemoryBackend\n\nclass Elsewhere(MemoryBackend): ...\n\nNUMBER = 5\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "elsewhere"


def test_our_own_backends_are_installed_and_can_be_loaded() -> None:
    assert {"athenahealth", "memory", "sql"} <= set(installed())
    for name in ("athenahealth", "memory", "sql"):
        assert issubclass(load(name), BillingSystem)


def test_somebody_elses_backend_is_found_by_its_name(package: str) -> None:
    assert issubclass(load(package), MemoryBackend)


def test_a_dotted_path_needs_no_installation(package: str) -> None:
    assert load("elsewhere:Elsewhere").__name__ == "Elsewhere"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("athena", 'type = "athena": installed are athenahealth, .*memory, .*sql; or write "package.module:Class"'),
        ("broken", "cannot import elsewhere:Gone"),
        ("no.such.module:Thing", "cannot import no.such.module:Thing"),
        ("elsewhere:", "cannot import"),
        ("two words:Thing", "cannot import"),
        ("plain", "is not a fhir_facade.backends.port.BillingSystem"),
        ("elsewhere:NUMBER", "is not a fhir_facade.backends.port.BillingSystem"),
        ("builtins:int", "is not a fhir_facade.backends.port.BillingSystem"),
    ],
)
def test_what_cannot_be_loaded_says_why_and_what_there_is(package: str, name: str, said: str) -> None:
    with pytest.raises(UnknownBackend, match=said):
        load(name)
