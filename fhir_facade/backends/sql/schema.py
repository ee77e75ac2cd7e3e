"""The settings of the sql backend: their JSON Schema and what they are when left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_facade.backends.sql.columns import QUERIES, REQUIRED

DEFAULTS: Mapping[str, Any] = {
    "amount_unit": "major",
    "statement_timeout_seconds": 5,
    "pool_size": 5,
    "scan_limit": 10_000,
    "timezone": None,
    "posting_url": None,
    "queries": {name: name for name in REQUIRED},
}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["url"],
    "dependentRequired": {"queries": ["timezone"]},
    "additionalProperties": False,
    "properties": {
        "url": {
            "type": "string",
            "minLength": 1,
            "writeOnly": True,
            "examples": ["postgresql://reader@db.example.org/billing"],
            "description": "SQLAlchemy URL of the database, with a user that may only read.",
        },
        "posting_url": {
            "type": "string",
            "minLength": 1,
            "writeOnly": True,
            "examples": ["postgresql://poster@db.example.org/billing"],
            "description": "SQLAlchemy URL of the same database, with a user that may write what postings write.",
        },
        "timezone": {
            "type": "string",
            "minLength": 1,
            "examples": ["America/New_York"],
            "description": "IANA zone of dates and times that have no offset.",
        },
        "amount_unit": {
            "enum": ["major", "cents"],
            "description": "What an amount of 1250 is: 1250 dollars, or 12.50.",
        },
        "statement_timeout_seconds": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 60,
            "description": "How long one statement, or the wait for a connection, may take.",
        },
        "pool_size": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "description": "Connections that each process keeps at most.",
        },
        "scan_limit": {
            "type": "integer",
            "minimum": 0,
            "description": "Records that a search without a patient may read; when there are more, it is refused.",
        },
        "queries": {
            "type": "object",
            "required": list(REQUIRED),
            "additionalProperties": False,
            "properties": {name: {"type": "string", "minLength": 1} for name in QUERIES},
            "description": "For each kind a SELECT, a view or a table; left out, the views persons and bills.",
        },
    },
}
