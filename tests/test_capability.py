"""Declared equals done, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_facade import __version__
from fhir_facade.mappers.judge import judge
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.search.definitions import parameters
from fhir_facade.specification.access import rules
from fhir_facade.specification.definitions import TYPES as DEFINITIONS
from fhir_facade.specification.definitions import definitions
from fhir_facade.specification.files import document
from fhir_facade.specification.statement import declared, statement
from tests.api.conftest import Facade, Facades, outcomes  # noqa: F401
from tests.api.conftest import facade as facade
from tests.api.conftest import facades as facades
from tests.people import ANNA
from tests.trees import nodes

OURS = "https://w3id.org/fhir-facade"


def test_every_declared_type_is_mapped_or_published_and_no_other() -> None:
    assert set(declared()) == {*MAPPERS, *DEFINITIONS}


def test_every_declared_type_has_its_rules() -> None:
    assert set(rules()) == set(declared())
    assert set(document("switches.json")) == set(MAPPERS)
    assert set(document("summary-elements.json")) == set(declared())
    assert set(document("search-parameters.json")["parameters"]) == set(declared())


def test_the_statement_is_valid_and_complete(facade: Facade) -> None:
    body = facade.json("metadata")
    judge(body)
    assert body["fhirVersion"] == "4.0.1"
    assert body["implementation"]["url"] == "http://127.0.0.1:8080/fhir"
    for entry in body["rest"][0]["resource"]:
        assert (entry["versioning"], entry["readHistory"], entry["conditionalRead"]) == (
            "versioned",
            False,
            "full-support",
        )
        assert {p["name"] for p in entry["searchParam"]} == set(parameters(entry["type"]))


def cases() -> list[Any]:
    return [pytest.param(type, code, id=f"{type}-{code}") for type in declared() for code in parameters(type)]


SAMPLE = {"token": "true", "reference": "x", "date": "2026-01-01", "string": "x", "quantity": "1", "uri": "x:y"}


@pytest.mark.parametrize(("type", "code"), cases())
def test_every_declared_parameter_is_evaluated(facade: Facade, type: str, code: str) -> None:
    parameter = parameters(type)[code]
    extra = f"&patient={facade.patient(ANNA)}" if "patient" in parameters(type) else "&_id=x"
    value = SAMPLE[parameter.type]
    bundle = facade.json(f"{type}?{code}={value}{extra}", Prefer="handling=strict")
    assert outcomes(bundle) == []
    assert f"{code}=" in bundle["link"][0]["url"]


def test_definitions_are_read_under_their_canonical_urls(facade: Facade) -> None:
    for type in DEFINITIONS:
        for body in definitions()[type]:
            assert body["url"] == f"{OURS}/{type}/{body['id']}"
            assert facade.json(f"{type}/{body['id']}")["url"] == body["url"]


def test_every_extension_and_code_system_of_ours_that_is_emitted_is_published(facade: Facade) -> None:
    published = {body["url"] for bodies in definitions().values() for body in bodies}
    used: set[str] = set()
    for type in ("Invoice", "Account", "Appointment", "PaymentNotice"):
        used |= ours(facade.json(f"{type}?patient={facade.patient(ANNA)}"))
    assert used
    assert used <= published


def ours(value: object) -> set[str]:
    named = {node.get(key) for node in nodes(value) for key in ("url", "system")}
    return {text for text in named if isinstance(text, str) and text.startswith(OURS)}


def test_search_parameters_of_ours_are_declared_with_their_definitions(facade: Facade) -> None:
    declared_here = {
        parameter["definition"]
        for entry in facade.json("metadata")["rest"][0]["resource"]
        for parameter in entry["searchParam"]
        if parameter["definition"].startswith(OURS)
    }
    assert declared_here == {body["url"] for body in definitions()["SearchParameter"]}


@pytest.mark.parametrize("format", statement()["format"])
def test_every_declared_format_is_given(facade: Facade, format: str) -> None:
    response = facade.get("metadata", Accept=format) if "/" in format else facade.get(f"metadata?_format={format}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == (format if "/" in format else "application/fhir+json")


def test_versions_agree() -> None:
    assert statement()["version"] == statement()["software"]["version"] == __version__
