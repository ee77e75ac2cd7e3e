"""What a site says about its athenahealth practice: the ``settings`` table, its JSON Schema and its frozen form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HOSTS = {
    "preview": "https://api.preview.platform.athenahealth.com",
    "production": "https://api.platform.athenahealth.com",
}

DUPLICATE = "duplicate|external ?ref.*(already|unique|exist|used)"

NUMBER = {"type": ["string", "integer"], "pattern": r"^[0-9]+$", "minimum": 1}
_SECRET = {"type": "string", "minLength": 1}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["environment", "practice_id", "client_id", "client_secret"],
    "properties": {
        "environment": {
            "description": "Which athenahealth environment the credentials belong to; it decides the host.",
            "enum": list(HOSTS),
        },
        "practice_id": {**NUMBER, "description": "The practice, as in the path of every call: 195900."},
        "client_id": {**_SECRET, "description": "The 2-legged application's client id; token and quota are its own."},
        "client_secret": {
            "description": "The client secret; a list is the new secret, then the old one, while they are exchanged.",
            "anyOf": [_SECRET, {"type": "array", "items": _SECRET, "minItems": 1, "maxItems": 2}],
        },
        "base_url": {
            "description": "Another host in place of the environment's (a proxy, a test); http only on loopback.",
            "type": "string",
            "pattern": r"^(https://[^/\s?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?)(/[^\s?#]*)?$",
        },
        "scope": {"description": "The OAuth scope to ask for.", "type": "string", "minLength": 1},
        "rate": {
            "description": "The client id's share of the quota; a tenth of both is kept for posting payments.",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "per_second": {"description": "Calls a second.", "type": "integer", "minimum": 1},
                "per_day": {
                    "description": "Calls a day; it starts anew at midnight GMT.",
                    "type": "integer",
                    "minimum": 1,
                },
            },
        },
        "receipts": {
            "description": "Departments asked for receipts: the patient's home one, or each one seen (at most 10).",
            "enum": ["home", "each"],
        },
        "deadline_seconds": {
            "description": "How long one fetch may take, all its calls and tries together.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 120,
        },
        "posting_deadline_seconds": {
            "description": (
                "How long an answer to a payment that is told is waited for. One that takes longer is looked for "
                "afterwards, and never told again blindly."
            ),
            "type": "number",
            "minimum": 1,
            "maximum": 60,
        },
        "calls_in_flight": {
            "description": "Calls under way at once; one more is refused as busy.",
            "type": "integer",
            "minimum": 1,
            "maximum": 1024,
        },
        "patient_number": {
            "description": (
                "Which number is the authority's: 'practice' where a person has one number; in a Provider Group "
                "Enterprise practice 'enterprise' (the number over all groups) or 'local' (the number in the group "
                "of 'department'; register the practice once for each group)."
            ),
            "enum": ["practice", "enterprise", "local"],
        },
        "department": {
            **NUMBER,
            "description": "A department sent with calls about a patient, so that the right copy of a chart answers.",
        },
        "visits_ask_patient": {
            "description": (
                "Ask for the patient beside their appointments, one call more. athenahealth does not document that it "
                "keeps back the appointments of restricted and deleted patients; that it does is inferred."
            ),
            "type": "boolean",
        },
        "clean_balance_means": {
            "description": (
                "What cleanbalance = true says. athenahealth does not document it; 'collectable' is inferred: not tied "
                "up in a contract, a payment plan or a collections agency."
            ),
            "enum": ["collectable", "tied-up"],
        },
        "vendor_reconciles_by": {
            "description": (
                "How a payment of a patient pay vendor whose outcome is unknown is looked for: 'retry' tells it again "
                "under the same externalrefid, which athenahealth documents to be checked for duplicates; 'look' "
                "compares balances, as for recordpayment."
            ),
            "enum": ["retry", "look"],
        },
        "vendor_duplicate_says": {
            "description": (
                "A regular expression for the refusal of an externalrefid that is there already, in any case. "
                "athenahealth does not document it; the default is inferred."
            ),
            "type": "string",
            "minLength": 1,
            "format": "regex",
        },
    },
    "if": {"properties": {"patient_number": {"const": "local"}}, "required": ["patient_number"]},
    "then": {"required": ["department"]},
}


@dataclass(frozen=True)
class Configuration:
    """The settings in force.  ``secrets`` newest first; ``per_second`` and ``per_day`` None: no limit of ours."""

    practice: str
    client_id: str
    secrets: tuple[str, ...]
    base_url: str
    scope: str = "athena/service/Athenanet.MDP.*"
    per_second: int | None = None
    per_day: int | None = None
    each_department: bool = False
    deadline: float = 8.0
    posting_deadline: float = 30.0
    calls_in_flight: int = 64
    patient_number: str = "practice"
    department: str = ""
    visits_ask_patient: bool = False
    clean_is_collectable: bool = True
    vendor_retries: bool = True
    vendor_duplicate: re.Pattern[str] = re.compile(DUPLICATE, re.IGNORECASE)

    @property
    def token_url(self) -> str:
        """Where tokens are asked for (reference section 2)."""
        return f"{self.base_url}/oauth2/v1/token"

    def __repr__(self) -> str:
        return f"Configuration(practice={self.practice!r}, base_url={self.base_url!r})"


def configure(settings: Mapping[str, Any]) -> Configuration:
    """The settings table, already judged by ``SCHEMA``, as a ``Configuration``."""
    secret, rate = settings["client_secret"], settings.get("rate", {})
    return Configuration(
        practice=str(settings["practice_id"]),
        client_id=settings["client_id"],
        secrets=(secret,) if isinstance(secret, str) else tuple(secret),
        base_url=str(settings.get("base_url") or HOSTS[settings["environment"]]).rstrip("/"),
        scope=settings.get("scope", Configuration.scope),
        per_second=rate.get("per_second"),
        per_day=rate.get("per_day"),
        each_department=settings.get("receipts") == "each",
        deadline=float(settings.get("deadline_seconds", Configuration.deadline)),
        posting_deadline=float(settings.get("posting_deadline_seconds", Configuration.posting_deadline)),
        calls_in_flight=int(settings.get("calls_in_flight", Configuration.calls_in_flight)),
        patient_number=settings.get("patient_number", Configuration.patient_number),
        department=str(settings.get("department", "")),
        visits_ask_patient=settings.get("visits_ask_patient", False),
        clean_is_collectable=settings.get("clean_balance_means", "collectable") == "collectable",
        vendor_retries=settings.get("vendor_reconciles_by", "retry") == "retry",
        vendor_duplicate=_pattern(settings.get("vendor_duplicate_says", DUPLICATE)),
    )


def _pattern(said: str) -> re.Pattern[str]:
    try:
        return re.compile(said, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"vendor_duplicate_says is no regular expression: {error}") from None
