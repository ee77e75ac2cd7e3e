"""The access rules are obeyed: a resource is shown only where its rule's path leads to the patient of its record."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_facade.files.ownership import require_owner
from fhir_facade.mappers.judge import Unrenderable
from fhir_facade.specification.access import personal_types

ANNA, BORIS = {"reference": "Patient/anna"}, {"reference": "Patient/boris"}
EXTENSION = "https://w3id.org/fhir-facade/StructureDefinition/payment-notice-patient"


def notice(whose: dict[str, str]) -> dict[str, Any]:
    return {"extension": [{"url": EXTENSION, "valueReference": whose}], "payment": BORIS, "recipient": BORIS}


ANNAS: dict[str, dict[str, Any]] = {
    "Invoice": {"subject": ANNA, "recipient": BORIS},
    "Account": {"subject": [ANNA], "guarantor": [{"party": BORIS}]},
    "Appointment": {"participant": [{"actor": {"reference": "Practitioner/boris"}}, {"actor": ANNA}]},
    "PaymentNotice": notice(ANNA),
    "AuditEvent": {"agent": [{"who": BORIS}], "entity": [{"what": {"reference": "Invoice/boris"}}, {"what": ANNA}]},
    "Patient": {"id": "anna", "link": [{"other": BORIS}]},
}


def test_every_type_that_belongs_to_somebody_is_tried_here() -> None:
    assert set(ANNAS) == set(personal_types())


@pytest.mark.parametrize("type", ANNAS)
def test_a_resource_is_its_own_patients_and_nobody_elses(type: str) -> None:
    body = {"resourceType": type, **ANNAS[type]}
    require_owner(body, "anna")
    with pytest.raises(Unrenderable):
        require_owner(body, "boris")


@pytest.mark.parametrize(
    ("type", "body"),
    [
        ("Invoice", {}),
        ("Invoice", {"subject": {"display": "Anna"}}),
        ("Invoice", {"subject": {"reference": "Group/anna"}}),
        ("Account", {"subject": [ANNA, BORIS]}),
        ("Appointment", {"participant": [{"actor": ANNA}, {"actor": BORIS}]}),
    ],
)
def test_a_resource_of_nobody_or_of_two_is_not_shown(type: str, body: dict[str, Any]) -> None:
    with pytest.raises(Unrenderable):
        require_owner({"resourceType": type, **body}, "anna")
