"""OperationOutcome: how every problem is told.  https://hl7.org/fhir/R4/operationoutcome.html"""

from __future__ import annotations

import re
from typing import Any

from fhir_facade.errors import FacadeError

REFUSAL = "https://w3id.org/fhir-facade/CodeSystem/payment-refusal"

# Not in a FHIR string (https://hl7.org/fhir/R4/datatypes.html#string); names of parameters are repeated as they came.
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufeff]+")


def issue(severity: str, code: str, diagnostics: str, expression: str = "", reason: str = "") -> dict[str, Any]:
    """One issue; ``expression`` names the parameter (``http.patient``) or the element at fault; ``reason`` why not."""
    body: dict[str, Any] = {"severity": severity, "code": code}
    if reason:
        body["details"] = {"coding": [{"system": REFUSAL, "code": reason}]}
    body["diagnostics"] = _printable(diagnostics)
    where = _printable(expression)
    return body | {"expression": [where]} if where else body


def outcome(*issues: dict[str, Any]) -> dict[str, Any]:
    """An OperationOutcome of these issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def of(error: FacadeError) -> dict[str, Any]:
    """The OperationOutcome of a failure."""
    severity = "fatal" if error.status == 500 else "error"
    return outcome(issue(severity, error.code, error.diagnostics, error.expression, error.reason))


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()
