"""Our StructureDefinitions, CodeSystems and ValueSets are valid R4, and are what the mappers write."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.mappers.judge import judge
from tests.conftest import Hl7, Judge
from tests.mappers.cases import RESOURCES
from tests.trees import nodes

FOLDERS = [Path(__file__).parents[2] / "capability" / t for t in ("StructureDefinition", "CodeSystem", "ValueSet")]
DEFINITIONS = {file.relative_to(file.parents[1]).as_posix(): file for folder in FOLDERS for file in folder.iterdir()}
BASE = "https://w3id.org/fhir-facade/"
HL7_EXTENSIONS = {
    "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-Account.balance",
}
CARDINALITY = {"Extension.extension:allowed": (1, "1"), "Extension.extension:amount-due": (0, "1")}


def read(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(DEFINITIONS[name].read_text())
    return body


@pytest.mark.parametrize("name", DEFINITIONS)
def test_three_judges_accept_a_definition(name: str, official: Judge, models: Judge) -> None:
    for accepts in (judge, official, models):
        accepts(read(name))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_is_named_by_its_place_and_says_what_a_client_needs(name: str) -> None:
    body = read(name)
    assert (body["url"], f"{body['resourceType']}/{body['id']}.json") == (BASE + name.removesuffix(".json"), name)
    assert (body["version"], body["status"], body["experimental"]) == ("0.1.0", "active", False)
    assert (body["publisher"], body["date"]) == ("fhir-facade", "2026-11-23")
    assert re.fullmatch("[A-Z][A-Za-z0-9]+", body["name"])
    assert body["title"]
    assert body["description"].endswith(".")


@pytest.mark.parametrize("name", [name for name in DEFINITIONS if name.startswith("Structure")])
def test_an_extension_has_one_context_is_given_once_and_modifies_nothing(name: str) -> None:
    body = read(name)
    elements = {element["id"]: element for element in body["differential"]["element"]}
    assert body["context"] == [{"type": "element", "expression": body["context"][0]["expression"]}]
    assert (body["fhirVersion"], body["derivation"]) == ("4.0.1", "constraint")
    assert (elements["Extension"]["max"], elements["Extension"]["isModifier"]) == ("1", False)
    assert elements["Extension.url"]["fixedUri"] == body["url"]
    values = elements["Extension.value[x]"]
    assert ("type" in values) == (elements["Extension.extension"]["max"] == "0")
    assert values.get("max") == "0" or values["min"] == 1


def test_the_prepay_extension_has_the_parts_of_the_contract() -> None:
    elements = {e["id"]: e for e in read("StructureDefinition/appointment-prepay.json")["differential"]["element"]}
    slices = {id: (e["min"], e["max"]) for id, e in elements.items() if "sliceName" in e}
    assert slices == CARDINALITY


@pytest.mark.parametrize("case", RESOURCES)
def test_every_extension_that_is_written_is_defined_for_its_type_with_its_datatype(case: str) -> None:
    body = RESOURCES[case]()
    for extension in body.get("extension", ()):
        if extension["url"] in HL7_EXTENSIONS:
            continue
        definition = read(extension["url"].removeprefix(BASE) + ".json")
        assert definition["context"][0]["expression"] == body["resourceType"]
        elements = {e["id"]: e for e in definition["differential"]["element"]}
        parts = [("", extension), *((f":{part['url']}", part) for part in extension.get("extension", ()))]
        for suffix, part in parts:
            path = f"Extension.extension{suffix}.value[x]" if suffix else "Extension.value[x]"
            written = [key.removeprefix("value").lower() for key in part if key.startswith("value")]
            assert written == [kind["code"].lower() for kind in elements[path].get("type", ())]


def test_every_extension_url_is_ours_or_hl7s() -> None:
    deep = [e["url"] for make in RESOURCES.values() for node in nodes(make()) for e in node.get("extension", ())]
    ours = {read(name)["url"] for name in DEFINITIONS if name.startswith("Structure")}
    assert {url for url in deep if ":" in url} == ours | HL7_EXTENSIONS


def test_every_code_of_ours_is_defined_with_its_display() -> None:
    defined = {
        (read(name)["url"], concept["code"], concept["display"])
        for name in DEFINITIONS
        if name.startswith("CodeSystem")
        for concept in read(name)["concept"]
    }
    codings = [node for make in RESOURCES.values() for node in nodes(make()) if "code" in node and "system" in node]
    ours = {(c["system"], c["code"], c["display"]) for c in codings if c["system"].startswith(BASE)}
    assert ours
    assert ours <= defined


def test_every_code_of_hl7s_is_hl7s_with_its_display(hl7: Hl7) -> None:
    systems = {
        body["url"]: {concept["code"]: concept["display"] for concept in body["concept"]}
        for body in map(hl7.read, ("package/CodeSystem-payment-status.json", "package/CodeSystem-payment-type.json"))
    }
    codings = [node for make in RESOURCES.values() for node in nodes(make()) if node.get("system") in systems]
    assert {c["system"] for c in codings} == set(systems)
    assert all(systems[c["system"]][c["code"]] == c["display"] for c in codings)


@pytest.mark.parametrize("name", ["invoice-amount", "payment-status"])
def test_a_code_system_counts_its_concepts_and_has_its_value_set(name: str) -> None:
    system, values = read(f"CodeSystem/{name}.json"), read(f"ValueSet/{name}.json")
    assert system["count"] == len(system["concept"]) == len({concept["code"] for concept in system["concept"]})
    assert system["valueSet"] == values["url"]
    assert system["url"] in [part["system"] for part in values["compose"]["include"]]


def test_the_amounts_are_those_of_the_contract() -> None:
    codes = [concept["code"] for concept in read("CodeSystem/invoice-amount.json")["concept"]]
    assert codes == [
        "billed",
        "insurance-paid",
        "insurance-pending",
        "adjusted",
        "patient-paid",
        "payment-pending",
        "balance-due",
    ]
