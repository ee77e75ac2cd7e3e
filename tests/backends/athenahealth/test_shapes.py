"""A body that breaks its shape: where, and what the schema asks there; never what was found."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_facade.backends.athenahealth import shapes
from fhir_facade.backends.athenahealth.shapes import Shape
from fhir_facade.errors import UnexpectedShape
from tests.backends.athenahealth.payloads import appointment, claim_balance, listed_claim, patient

SECRET = "secret-7781"


@pytest.mark.parametrize(
    ("shape", "body", "path", "expected"),
    [
        (shapes.PATIENT, {"patientid": SECRET}, "$", "type array"),
        (shapes.PATIENT, [{"name": SECRET}], "$[0]", "required patientid"),
        (shapes.PATIENT, [patient(SECRET)], "$[0].patientid", r"pattern ^\s*\d+\s*$"),
        (
            shapes.PATIENT,
            [patient("1", claim_balance(patientbalance={"of": SECRET}))],
            "$[0].claimbalancedetails[0].claimdetails[0].patientbalance",
            "type string, number, null",
        ),
        (shapes.CLAIMS, {"claims": [{SECRET: SECRET}]}, "$.claims[0]", "required claimid, patientid"),
        (shapes.CLAIMS, {"claims": [listed_claim(patient=-7781)]}, "$.claims[0].patientid", "minimum 0"),
        (
            shapes.PATIENTS_APPOINTMENTS,
            {"appointments": [appointment(appointmentstatus=SECRET)]},
            "$.appointments[0].appointmentstatus",
            "enum x, f, o, 2, 3, 4, 2, 3, 4",
        ),
    ],
)
def test_what_is_expected_is_the_schemas_word(shape: Shape, body: Any, path: str, expected: str) -> None:
    with pytest.raises(UnexpectedShape) as raised:
        shape.judge(body)
    assert (raised.value.path, raised.value.expected) == (path, expected)
    assert "7781" not in str(raised.value)
