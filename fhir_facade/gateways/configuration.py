"""JSON Schemas that gateways' settings have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

URL = r"^(https://[^/\s?#@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?)(/[^\s?#]*)?$"


def url(description: str) -> Mapping[str, Any]:
    """An address of the gateway's: https, or http on loopback; no query of its own."""
    return {
        "description": description,
        "type": "string",
        "pattern": URL,
        "errorMessage": "must be an https URL (http on loopback) without user, query or fragment",
    }


def secret(description: str, shortest: int) -> Mapping[str, Any]:
    """A secret, or the new and the old one while they are exchanged."""
    return {
        "description": description,
        "type": ["string", "array"],
        "minLength": shortest,
        "minItems": 1,
        "maxItems": 2,
        "items": {"type": "string", "minLength": shortest},
        "writeOnly": True,
        "examples": ["env:GATEWAY_SECRET"],
    }


def seconds(default: float) -> Mapping[str, Any]:
    """A time-out."""
    return {
        "description": "How long one call may take.",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 60,
        "default": default,
    }


def secrets_of(value: str | list[str]) -> tuple[str, ...]:
    """Newest first."""
    return (value,) if isinstance(value, str) else tuple(value)
