"""How the answer is wanted: ``_count``, ``_summary``, ``_elements``, ``_total``.

https://hl7.org/fhir/R4/search.html#return
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fhir_facade.errors import Invalid

DEFAULT_COUNT, MAX_COUNT = 20, 200
CONTROLS = frozenset({"_count", "_summary", "_elements", "_total"})

_NUMBER = re.compile(r"[0-9]{1,4000}")
_CODES: Mapping[str, frozenset[str]] = {
    "_summary": frozenset({"true", "text", "data", "count", "false"}),
    "_total": frozenset({"accurate", "none", "estimate"}),
}


@dataclass(frozen=True)
class Controls:
    """``summary`` None: not asked for.  ``asked`` are the controls in force as pairs, for the self link."""

    count: int = DEFAULT_COUNT
    summary: str | None = None
    elements: tuple[str, ...] = ()
    total: str = "accurate"
    asked: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def controls(pairs: Sequence[tuple[str, str]]) -> Controls:
    """The controls of a search; ``Invalid`` for values that are none.  Empty values are ignored, as R4 has it."""
    sent = _sent(pairs)
    count, warnings = _count(sent)
    summary, total = _code(sent, "_summary"), _code(sent, "_total")
    elements = tuple(dict.fromkeys(name.strip() for name in sent.get("_elements", "").split(",") if name.strip()))
    if elements and summary not in (None, "false"):
        raise Invalid("_summary and _elements exclude each other.", code="invalid", expression="_elements")
    if "_count" in sent:
        sent["_count"] = str(count)
    if "_elements" in sent:
        sent["_elements"] = ",".join(elements)
    return Controls(
        count=count,
        summary="count" if count == 0 else summary,
        elements=elements,
        total=total or "accurate",
        asked=tuple((name, value) for name, value in sent.items() if value),
        warnings=warnings,
    )


def _sent(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    sent: dict[str, str] = {}
    for name, value in pairs:
        if name == "_elements":
            sent[name] = f"{sent.get(name, '')},{value}"
        elif value and sent.setdefault(name, value) != value:
            raise Invalid(f"{name} is given twice, with different values.", code="invalid", expression=name)
    return sent


def _count(sent: Mapping[str, str]) -> tuple[int, tuple[str, ...]]:
    text = sent.get("_count")
    if text is None:
        return DEFAULT_COUNT, ()
    if not _NUMBER.fullmatch(text):
        raise Invalid("_count is a whole number, 0 or more.", code="value", expression="_count")
    count = int(text)
    if count > MAX_COUNT:
        return MAX_COUNT, (f"_count is at most {MAX_COUNT}; pages have {MAX_COUNT} entries.",)
    return count, ()


def _code(sent: Mapping[str, str], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and value not in _CODES[name]:
        raise Invalid(f"{name} is one of {', '.join(sorted(_CODES[name]))}.", code="value", expression=name)
    return value
