"""Gateways are found by the name they were installed with, or by where they are."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

from fhir_facade.gateways.port import Gateway
from fhir_facade.gateways.registry import UnknownGateway, installed, load

SETUP = Path(__file__).parents[2] / "setup.cfg"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of somebody else's, installed with a gateway."""
    about = tmp_path / "elsewhere-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[fhir_facade.gateways]\nelsepay = elsepay:ElsePay\nplain = elsepay:NUMBER\n"
    )
    (tmp_path / "elsepay.py").write_text(
        "from fhir_facade.gateways.redirect import Redirect\n\nclass ElsePay(Redirect): ...\n\nNUMBER = 5\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "elsepay"


def test_our_own_gateways_are_announced_and_can_be_loaded() -> None:
    setup = ConfigParser()
    setup.read(SETUP)
    lines = setup["options.entry_points"]["fhir_facade.gateways"].strip().splitlines()
    announced = dict(map(str.strip, line.split("=")) for line in lines)
    assert set(announced) == {"redirect", "stripe"}
    assert all(issubclass(load(place), Gateway) for place in announced.values())


def test_somebody_elses_gateway_is_found_by_its_name(package: str) -> None:
    assert package in installed()
    assert load(package).__name__ == "ElsePay"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("paypal", 'type = "paypal": installed are .*elsepay.*; or write "package.module:Class"'),
        ("no.such.module:Thing", "cannot import no.such.module:Thing"),
        ("plain", "is not a fhir_facade.gateways.port.Gateway"),
        ("builtins:int", "is not a fhir_facade.gateways.port.Gateway"),
    ],
)
def test_what_cannot_be_loaded_says_why_and_what_there_is(package: str, name: str, said: str) -> None:
    with pytest.raises(UnknownGateway, match=said):
        load(name)
