"""Payments that are not begun, not recorded or not taken back: failures with a name that an app can act on.

FacadeError
├── Refusal
│   ├── Conflict                             409     conflict
│   └── Unprocessable                        422     business-rule, not-found
└── SeveralMatches                           412     multiple-matches
"""

from __future__ import annotations

from fhir_facade.errors import FacadeError


class Refusal(FacadeError):
    """A payment that is not begun or not recorded; ``reason`` is a code of CodeSystem/payment-refusal."""

    def __init__(self, reason: str = "", diagnostics: str = "", *, code: str = "", expression: str = "") -> None:
        said = f"{reason.replace('-', ' ').capitalize()}." if reason else ""
        super().__init__(diagnostics or said, code=code, expression=expression)
        self.reason = reason


class Conflict(Refusal):
    """The record, or the session, is in a state in which it cannot be done."""

    status, code, template = 409, "conflict", "This cannot be done as things stand."


class Unprocessable(Refusal):
    """An amount, an argument or a reference that cannot be accepted."""

    status, code, template = 422, "business-rule", "This cannot be accepted."


class SeveralMatches(FacadeError):
    """A conditional create with many matches."""

    status, code, template = 412, "multiple-matches", "Several resources match If-None-Exist."
