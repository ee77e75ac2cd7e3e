"""How a record's values are printed for an operator: amounts digit by digit, lists as lines, no Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

NOTHING: tuple[Any, ...] = (None, "", (), {})


def stated(record: msgspec.Struct) -> Iterator[tuple[str, str]]:
    """The fields that say something, with what they say; each item of a list is a line."""
    for field in msgspec.structs.fields(type(record)):
        value = getattr(record, field.name)
        if value not in NOTHING:
            items = value if isinstance(value, tuple) else (value,)
            yield field.name, "\n".join(map(words, items))


def words(value: Any) -> str:
    """One value: a nested record is what its fields say, where that is not what they say when left out."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    if isinstance(value, tuple):
        return " ".join(map(words, value))
    if isinstance(value, msgspec.Struct):
        fields = ((field, getattr(value, field.name)) for field in msgspec.structs.fields(type(value)))
        said = [(field.name, item) for field, item in fields if item != field.default and item not in NOTHING]
        return ", ".join(f"{name} {words(item)}" for name, item in said)
    return str(value)
