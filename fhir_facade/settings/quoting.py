"""How a fault quotes a value: as TOML, short, and never a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

LONGEST = 80
SECRET_KEY = re.compile(r"(secret|password|passphrase|token|(^|_)key)$", re.IGNORECASE)
REFERENCE = re.compile(r"(env|file):(.+)", re.DOTALL)
PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):[^/@\s]*@")


def quoted(key: str, value: Any, *, hidden: bool = False) -> str:
    """The value as one would write it after ``key =``, at most ``LONGEST`` characters."""
    text = _toml(without_secrets(value, hidden=hidden or bool(SECRET_KEY.search(key))))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def without_secrets(value: Any, *, hidden: bool = False) -> Any:
    """The value with secrets that were written out replaced by "…"; references to secrets stay."""
    if isinstance(value, Mapping):
        return {
            name: without_secrets(inner, hidden=hidden or bool(SECRET_KEY.search(name)))
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner, hidden=hidden) for inner in value]
    if isinstance(value, str) and not REFERENCE.fullmatch(value):
        return "…" if hidden else PASSWORD.sub(r"\1:…@", value)
    return "…" if hidden and not isinstance(value, str | bool) else value


def _toml(value: Any, outer: bool = True) -> str:
    """Tables inside tables are left out: they may be long, and may be records of people."""
    if isinstance(value, Mapping) and value:
        inner = ", ".join(f"{name} = {_toml(inner, outer=False)}" for name, inner in value.items())
        return f"{{ {inner} }}" if outer else "{ … }"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner, outer=False) for inner in value) + "]"
    if isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
