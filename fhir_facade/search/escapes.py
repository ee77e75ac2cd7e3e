r"""Separators and escapes in search values: ``\,`` ``\|`` ``\$`` ``\\``.

https://hl7.org/fhir/R4/search.html#escaping
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPABLE = frozenset(",|$\\")


def split(text: str, separator: str) -> list[str]:
    """The parts between separators that are not escaped; escapes are left in the parts."""
    if "\\" not in text:
        return text.split(separator)
    parts, start, position = [], 0, 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
            continue
        if text[position] == separator:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    return [*parts, text[start:]]


def unescape(text: str) -> str:
    """The text without escapes; ``ValueError`` for a backslash that escapes nothing (R4: such a value is illegal)."""
    return _ESCAPED.sub(_character, text) if "\\" in text else text


def escape(text: str) -> str:
    """The text as a search value that means just this text."""
    return re.sub(r"([,|$\\])", r"\\\1", text)


def _character(found: re.Match[str]) -> str:
    if found[1] not in _ESCAPABLE or not found[1]:
        raise ValueError("a backslash that escapes nothing")
    return found[1]
