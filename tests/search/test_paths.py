"""Our reading of FHIRPath is fhirpathpy's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fhirpathpy import evaluate
from fhirpathpy.models import models

from fhir_facade.search.definitions import parameters
from fhir_facade.search.paths import compile, reference_type
from tests.conftest import Judge as Official
from tests.search.conftest import SAMPLES, Resource

TYPES = sorted(path.stem for path in SAMPLES.glob("*.json"))
PARAMETERS = [(type, code) for type in TYPES for code in parameters(type)]
RESOLVES = re.compile(r"where\(resolve\(\) is (\w+)\)")

PEOPLE = [
    {"resourceType": "Patient"},
    {"resourceType": "Patient", "deceasedBoolean": True},
    {"resourceType": "Patient", "deceasedBoolean": False},
    {"resourceType": "Patient", "deceasedDateTime": "2020-01-01"},
]


def oracle(expression: str, body: Resource) -> Any:
    """fhirpathpy has no resolve(): a type is told by the reference, or by Reference.type."""
    told = RESOLVES.sub(r"where(type='\1' or reference.startsWith('\1/'))", expression)
    return evaluate(body, told, {}, models["r4"])


@pytest.mark.parametrize("type", TYPES)
def test_a_sample_is_valid_r4(type: str, sample: Callable[[str], Resource], official: Official) -> None:
    official(sample(type))


@pytest.mark.parametrize(("type", "code"), PARAMETERS)
def test_a_parameter_selects_what_fhirpath_selects(type: str, code: str, sample: Callable[[str], Resource]) -> None:
    parameter, body = parameters(type)[code], sample(type)

    assert parameter.path(body) == oracle(parameter.expression, body)


def test_every_parameter_finds_something_in_the_samples(sample: Callable[[str], Resource]) -> None:
    silent = [f"{type}.{code}" for type, code in PARAMETERS if not parameters(type)[code].index(sample(type))]

    assert silent == []


@pytest.mark.parametrize(
    "expression", ["Patient.deceased.exists() and Patient.deceased != false", "(Patient.deceased as dateTime)"]
)
@pytest.mark.parametrize("body", PEOPLE)
def test_a_choice_is_read_whatever_it_chose(expression: str, body: Resource) -> None:
    assert compile("Patient", expression)(body) == oracle(expression, body)


NOTICE = {
    "resourceType": "PaymentNotice",
    "extension": [
        {"url": "u", "valueReference": {"reference": "Patient/1"}},
        {"url": "v", "valueString": "x"},
        {"url": "u"},
    ],
    "contained": [
        {"resourceType": "Claim", "detail": [{"request": {"reference": "Invoice/1"}}]},
        {"resourceType": "PaymentReconciliation", "detail": [{}, {"request": {"reference": "Invoice/2"}}]},
    ],
}


@pytest.mark.parametrize(
    "expression",
    [
        "PaymentNotice.extension('u').value",
        "PaymentNotice.extension('v').value.ofType(string)",
        "PaymentNotice.extension('v').value.ofType(Reference)",
        "(PaymentNotice.request as Reference)",
        "PaymentNotice.request | PaymentNotice.contained.ofType(PaymentReconciliation).detail.request",
        "PaymentNotice.contained.ofType(PaymentReconciliation).detail.request.where(resolve() is Invoice)",
        "PaymentNotice.contained.ofType(PaymentReconciliation).detail.request.where(resolve() is Account)",
        "PaymentNotice.extension.exists()",
        "PaymentNotice.status.exists()",
    ],
)
def test_extensions_and_contained_resources_are_read_as_fhirpath_reads_them(expression: str) -> None:
    assert compile("PaymentNotice", expression)(NOTICE) == oracle(expression, NOTICE)


@pytest.mark.parametrize(
    "expression",
    [
        "Patient.name",
        "Invoice",
        "Invoice.identifier.first()",
        "Invoice.identifier[0]",
        "Invoice.status = 'issued'",
        "Invoice.identifier.where(use)",
        "Invoice.identifier.where(use!='old')",
        "Invoice.totalNet.value > 5",
        "Invoice.descendants()",
        "Invoice.date or Invoice.status",
        "InvoiceLine.date",
        "Invoice.ofType(Invoice)",
        "Invoice.extension('u').ofType(Money)",
        "Account.status | Invoice.status",
        "%resource.id",
        "",
        "Invoice.",
        "(Invoice.date as dateTime",
        "Invoice.date != true",
        "Invoice.date != false | Invoice.status",
    ],
)
def test_what_is_not_read_is_refused_at_load(expression: str) -> None:
    with pytest.raises(ValueError, match="not read"):
        compile("Invoice", expression)


@pytest.mark.parametrize(
    ("reference", "type"),
    [
        ({"reference": "Patient/1"}, "Patient"),
        ({"reference": "Patient/1/_history/2"}, "Patient"),
        ({"reference": "https://other.example.org/fhir/Group/7"}, "Group"),
        ({"type": "Patient", "identifier": {"value": "1"}}, "Patient"),
        ({"type": "http://hl7.org/fhir/StructureDefinition/Patient", "reference": "urn:uuid:1"}, "Patient"),
        ({"reference": "#contained"}, ""),
        ({"reference": "urn:uuid:6a7b"}, ""),
        ({"display": "somebody"}, ""),
    ],
)
def test_a_reference_tells_its_type(reference: Resource, type: str) -> None:
    assert reference_type(reference) == type
