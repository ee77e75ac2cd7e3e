"""The ``posting`` table of an assigning authority at an sql billing system: its JSON Schema, one for each way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_facade.backends.sql.judging import STATUSES
from fhir_facade.backends.sql.parameters import PARAMETERS

# A colon that SQLAlchemy takes for a parameter, before a name that is none of ours.
_STRANGE = rf"(?<![:\w\\]):(?!(?:{'|'.join(PARAMETERS)})\b)\w+(?!:)"


def _sql(description: str, known: str, *needed: str) -> Mapping[str, Any]:
    looks = "".join(rf"(?=[\s\S]*(?<![:\w\\]):{name}\b)" for name in needed)
    marks = " and ".join(f":{name}" for name in needed)
    return {
        "description": description,
        "type": "string",
        "allOf": [
            {"pattern": f"^{looks}", "errorMessage": f"must use {marks}"},
            {"pattern": rf"^(?![\s\S]*{known})", "errorMessage": "uses a parameter that there is not"},
        ],
    }


METHODS = {
    "description": "What the billing system calls each brand or tender, by the gateway's name for it.",
    "type": "object",
    "additionalProperties": {"type": "string", "minLength": 1},
    "examples": [{"visa": "Visa", "ach": "Bank transfer"}],
}
FOUND = _sql(
    "The SELECT that finds a payment's parts by :payment: bill, visit, amount, and optionally patient, number, status.",
    r"(?<![:\w\\]):(?!(?:payment|patient)\b)\w+(?!:)",
    "payment",
)
FOLDER = {"type": "string", "minLength": 1}
VIA = {"description": "How payments are told.", "enum": ["statement", "file"]}
STATEMENT: Mapping[str, Any] = {
    "type": "object",
    "required": ["statement", "found"],
    "additionalProperties": False,
    "properties": {
        "via": VIA,
        "statement": _sql(
            "The statement that records one part of a payment; a unique key on payment and part refuses a second one.",
            _STRANGE,
            "payment",
            "part",
            "amount",
        ),
        "found": FOUND,
        "methods": METHODS,
    },
}
FILE: Mapping[str, Any] = {
    "type": "object",
    "required": ["folder", "acknowledgements"],
    "additionalProperties": False,
    "properties": {
        "via": VIA,
        "folder": FOLDER
        | {"description": "Where the CSV files are put; has a folder .sent of our own.", "examples": ["/srv/drop/out"]},
        "acknowledgements": FOLDER
        | {"description": "Where the billing system puts its acknowledgements.", "examples": ["/srv/drop/back"]},
        "statuses": {
            "description": "What each word of the acknowledgements means; left out, they are the words themselves.",
            "type": "object",
            "additionalProperties": {"enum": list(STATUSES)},
            "examples": [{"OK": "posted", "NAK": "refused"}],
        },
        "found": FOUND,
        "methods": METHODS,
    },
}
POSTING: Mapping[str, Any] = {
    "type": "object",
    "required": ["via"],
    "properties": {"via": VIA},
    "allOf": [
        {"if": {"properties": {"via": {"const": way}}, "required": ["via"]}, "then": schema}
        for way, schema in (("statement", STATEMENT), ("file", FILE))
    ],
}
