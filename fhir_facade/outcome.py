"""OperationOutcome: how every problem is told.  https://hl7.org/fhir/R4/operationoutcome.html"""

from __future__ import annotations

from typing import Any

from fhir_facade.errors import FacadeError


def issue(severity: str, code: str, diagnostics: str, expression: str = "") -> dict[str, Any]:
    """One issue; ``expression`` names the parameter (``http.patient``) or the element at fault."""
    body: dict[str, Any] = {"severity": severity, "code": code, "diagnostics": diagnostics}
    return body | {"expression": [expression]} if expression else body


def outcome(*issues: dict[str, Any]) -> dict[str, Any]:
    """An OperationOutcome of these issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def of(error: FacadeError) -> dict[str, Any]:
    """The OperationOutcome of a failure."""
    severity = "fatal" if error.status == 500 else "error"
    return outcome(issue(severity, error.code, error.diagnostics, error.expression))
