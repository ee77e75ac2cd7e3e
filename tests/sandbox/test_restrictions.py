"""Production rule A2: where a restricted patient is hidden is not documented for every endpoint, so it is a switch."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from fhir_facade.sandbox.athenahealth import Practice
from tests.sandbox.conftest import Api


def found(api: Api) -> list[int]:
    """What claims, appointments and receipts say about the patient: a number of rows, or a status."""
    answers = [
        api.get("/claims", patientid="1001"),
        api.get("/patients/1001/appointments"),
        api.get("/patients/1001/receipts", departmentid="1"),
    ]
    return [rows(answer.json()) if answer.ok else answer.status_code for answer in answers]


def rows(body: Any) -> int:
    """How many rows a bare array has, or the list in an envelope."""
    (found,) = [body] if isinstance(body, list) else [value for value in body.values() if isinstance(value, list)]
    return len(found)


@pytest.mark.parametrize(("everywhere", "expected"), [(True, [0, 404, 404]), (False, [1, 1, 1])])
def test_restricted_patients_are_hidden_everywhere_or_where_it_is_documented(
    api: Api, practice: Practice, everywhere: bool, expected: list[int]
) -> None:
    practice.add_claim(1001, 9301, "1")
    practice.add_visit(1001, 101, date=dt.date(2026, 4, 1))
    practice.add_receipt(1001, 1, 5, requested="01/01/2026 10:00:00")
    assert found(api) == [1, 1, 1]
    practice.patients["1001"].confidentiality = "R"
    practice.restrict_everywhere = everywhere
    assert found(api) == expected
