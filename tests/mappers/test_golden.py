"""The golden files are what the mappers write, and every judge accepts them."""

from __future__ import annotations

import pytest

from fhir_facade import wire
from fhir_facade.mappers.judge import judge
from fhir_facade.mappers.table import MAPPERS
from tests.conftest import Judge
from tests.mappers.cases import RESOURCES
from tests.mappers.golden_files import FOLDER, path, text


@pytest.mark.parametrize("name", RESOURCES)
def test_a_case_is_what_its_golden_file_says(name: str) -> None:
    assert text(name).decode() == path(name).read_text(), "if right: python -m tests.mappers.golden_files"


def test_every_golden_file_has_a_case_and_every_type_a_golden_file() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(RESOURCES)
    assert {name.partition("-")[0] for name in RESOURCES} == set(MAPPERS)


@pytest.mark.parametrize("name", RESOURCES)
def test_three_judges_accept_a_golden_file(name: str, official: Judge, models: Judge) -> None:
    body = wire.decode(path(name).read_bytes())
    judge(body)
    official(body)
    models(body)
