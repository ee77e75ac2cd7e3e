"""The definitions are HL7's, ours are valid R4, and what is declared is what works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.search.criterion import check
from fhir_facade.search.definitions import parameters, resource_types
from fhir_facade.search.parameter import Ask
from fhir_facade.specification.files import document, folder
from tests.conftest import Judge as Official
from tests.search.conftest import BASE_URL, TODAY
from tests.search.conftest import Ask as AskQuery

ROOT = Path(__file__).parents[2]
OURS = folder("SearchParameter")
OURS_BY_BASE = [(type, resource) for resource in OURS for type in resource["base"]]

# https://hl7.org/fhir/R4/invoice.html#search and alike; all of the four main resources, as the issue asks
MAIN = {
    "Invoice": "account date identifier issuer participant participant-role patient recipient status subject "
    "totalgross totalnet type",
    "Account": "identifier name owner patient period status subject type",
    "Appointment": "actor appointment-type based-on date identifier location part-status patient practitioner "
    "reason-code reason-reference service-category service-type slot specialty status supporting-info",
    "PaymentNotice": "created identifier payment-status provider request response status",
}
OF_OURS = {
    "Invoice": {"assigner"},
    "Account": {"assigner"},
    "Appointment": {"assigner"},
    "PaymentNotice": {"assigner", "patient", "covers"},
}


@pytest.mark.parametrize("type", MAIN)
def test_a_main_resource_has_all_parameters_of_r4_and_ours(type: str) -> None:
    assert set(parameters(type)) == {"_id", "_lastUpdated", *MAIN[type].split(), *OF_OURS[type]}


def test_the_files_are_what_hl7s_definitions_say(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "tools" / "search_definitions.py"), str(tmp_path)], check=True)

    for name in ("search-parameters.json", "summary-elements.json"):
        assert (tmp_path / name).read_bytes() == (ROOT / "capability" / name).read_bytes(), (
            f"{name}: run the tool again"
        )


@pytest.mark.parametrize("type", document("search-parameters.json")["parameters"])
def test_every_parameter_is_compiled_and_reads_its_datatype(type: str) -> None:
    for code, parameter in parameters(type).items():
        assert parameter.code == code
        assert parameter.index({"resourceType": type}) == (() if code != "deceased" else (("", "false", ""),))


def test_an_unsearched_type_has_no_parameters() -> None:
    with pytest.raises(KeyError):
        parameters("Observation")


@pytest.mark.parametrize(("type", "resource"), OURS_BY_BASE, ids=lambda value: value if isinstance(value, str) else "")
def test_ours_take_no_code_of_hl7s(type: str, resource: dict[str, Any]) -> None:
    assert resource["code"] not in document("search-parameters.json")["parameters"][type]


def test_left_out_parameters_are_unknown() -> None:
    assert "near" not in parameters("Location")
    assert not {"phonetic", "age", "part-agree", "mothersMaidenName"} & set(parameters("Patient"))


@pytest.mark.parametrize("resource", OURS, ids=lambda resource: resource["id"])
class TestOurs:
    def test_is_valid_r4_by_hl7s_schema_and_by_the_models(
        self, resource: dict[str, Any], official: Official, models: Official
    ) -> None:
        official(resource)
        models(resource)

    def test_has_our_canonical_url_and_its_id(self, resource: dict[str, Any]) -> None:
        assert resource["url"] == f"https://w3id.org/fhir-facade/SearchParameter/{resource['id']}"
        assert resource["name"].isidentifier()

    def test_its_expression_belongs_to_its_bases(self, resource: dict[str, Any]) -> None:
        assert {term.strip().partition(".")[0] for term in resource["expression"].split("|")} == set(resource["base"])

    def test_its_targets_are_types(self, resource: dict[str, Any]) -> None:
        assert set(resource["target"]) <= resource_types()


@pytest.mark.parametrize(("type", "resource"), OURS_BY_BASE, ids=lambda value: value if isinstance(value, str) else "")
def test_the_modifiers_we_declare_are_those_that_work(type: str, resource: dict[str, Any]) -> None:
    parameter = parameters(type)[resource["code"]]

    assert parameter.definition == resource["url"]
    assert set(resource["modifier"]) == parameter.modifiers | {"missing", "type"}
    check(Ask(parameter, "any", resource["target"][0], "", "x", BASE_URL, lambda: TODAY))


@pytest.mark.parametrize(("type", "resource"), OURS_BY_BASE, ids=lambda value: value if isinstance(value, str) else "")
def test_a_parameter_of_ours_repeats_and_takes_commas_and_chains_as_declared(
    type: str, resource: dict[str, Any], ask: AskQuery
) -> None:
    code = resource["code"]
    query = ask(type, f"{code}=a,b", f"{code}=c", *(f"{code}.{chain}=x" for chain in resource["chain"]))

    assert resource["multipleOr"]
    assert resource["multipleAnd"]
    assert len(query.criteria) == 2 + len(resource["chain"])
    assert not query.ignored


def test_assigner_is_on_every_business_type_that_belongs_to_an_authority() -> None:
    bases = {type for type, resource in OURS_BY_BASE if resource["code"] == "assigner"}

    assert bases == {"Invoice", "Account", "Appointment", "PaymentNotice", "Patient"}
