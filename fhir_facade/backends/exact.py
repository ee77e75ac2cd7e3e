"""What no record may hold: a float where money is meant, a time without an offset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec


def leaves(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Every plain value inside a record, a mapping or a list, with its JSON path."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from leaves(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def inexact(value: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """The JSON path of each value that is not exact, and what would be: never the value itself."""
    for where, leaf in leaves(value, path):
        if isinstance(leaf, float):
            yield where, "an exact amount (Decimal), not a float"
        elif isinstance(leaf, Decimal) and not leaf.is_finite():
            yield where, "a finite amount"
        elif isinstance(leaf, (dt.datetime, dt.time)) and leaf.utcoffset() is None:
            yield where, "a time with an offset"
