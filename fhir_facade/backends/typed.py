"""Plain values, as JSON or TOML have them, become records by the types that the records declare.

Nothing is guessed: an amount is text, a whole number or a ``Decimal``, never a float; a date stays a date and a time
needs its offset; an unknown key is refused.  ``ValueError`` gives the path and what was expected, never the value.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
_PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def typed(value: Any, type_: type[S], path: str = "$") -> S:
    """``value``, a mapping, as a record of ``type_``."""
    return cast(S, _struct(value, type_, path))


def _struct(value: Any, type_: Any, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise _surprise(path, "an object")
    hints = _hints(type_)
    for key in value:
        if key not in hints:
            raise _surprise(f"{path}.{key}", f"one of {', '.join(hints)}")
    given = {key: _value(item, hints[key], f"{path}.{key}") for key, item in value.items()}
    for name in (field.name for field in msgspec.structs.fields(type_) if field.required):
        if name not in given:
            raise _surprise(f"{path}.{name}", "a value")
    return type_(**given)


def _value(value: Any, hint: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _one_of(value, get_args(hint), path)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise _surprise(path, "a list")
        return tuple(_value(item, get_args(hint)[0], f"{path}[{index}]") for index, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping):
            raise _surprise(path, "an object")
        return {_text(key, path): _text(item, f"{path}.{key}") for key, item in value.items()}
    if issubclass(hint, msgspec.Struct):
        return _struct(value, hint, path)
    if issubclass(hint, Enum):
        return _member(value, hint, path)
    return SCALARS[hint](value, path)


def _one_of(value: Any, hints: tuple[Any, ...], path: str) -> Any:
    """The first of several types that the value has; an instant is tried before a date."""
    if value is None and type(None) in hints:
        return None
    wanted = [hint for hint in hints if hint is not type(None)]
    for hint in wanted[:-1]:
        try:
            return _value(value, hint, path)
        except ValueError:
            continue
    return _value(value, wanted[-1], path)


def _member(value: Any, hint: type[Enum], path: str) -> Enum:
    for member in hint:
        if value is member or (value == member.value and not isinstance(value, Enum)):
            return member
    raise _surprise(path, "one of " + ", ".join(str(member.value) for member in hint))


def _text(value: Any, path: str) -> str:
    if type(value) is not str:
        raise _surprise(path, "text")
    return value


def _truth(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _surprise(path, "true or false")
    return value


def _whole(value: Any, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _surprise(path, "a whole number")
    return value


def _amount(value: Any, path: str) -> Decimal:
    if isinstance(value, float):
        raise _surprise(path, 'an exact amount: write it as text, "12.50"')
    said = str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""
    if not _PLAIN.fullmatch(said):
        raise _surprise(path, "an amount in plain digits")
    return Decimal(said)


def _instant(value: Any, path: str) -> dt.datetime:
    has_time = isinstance(value, str) and len(value) > len("2024-01-31")
    said = _parsed(dt.datetime.fromisoformat, value) if has_time else value
    if not isinstance(said, dt.datetime) or said.utcoffset() is None:
        raise _surprise(path, "a date and time with an offset")
    return said


def _date(value: Any, path: str) -> dt.date:
    said = _parsed(dt.date.fromisoformat, value) if isinstance(value, str) else value
    if not isinstance(said, dt.date) or isinstance(said, dt.datetime):
        raise _surprise(path, "a date, or a date and time with an offset")
    return said


def _parsed(parse: Callable[[str], dt.date], value: str) -> dt.date | None:
    try:
        return parse(value)
    except ValueError:
        return None


def _surprise(path: str, expected: str) -> ValueError:
    return ValueError(f"{path}: expected {expected}")


@cache
def _hints(type_: type) -> Mapping[str, Any]:
    return get_type_hints(type_)


SCALARS: Mapping[Any, Callable[[Any, str], Any]] = {
    str: _text,
    bool: _truth,
    int: _whole,
    Decimal: _amount,
    dt.datetime: _instant,
    dt.date: _date,
}
