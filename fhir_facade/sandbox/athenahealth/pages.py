"""Paged lists: ``totalcount``, and ``next`` as a relative path with upper-case names (reference 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from fhir_facade.sandbox.athenahealth.ask import Ask

T = TypeVar("T")
ORDINARY = (1500, 5000)  # default and largest limit of lists
LARGE = (1000, 10000)  # of booked appointments


def page(
    ask: Ask, key: str, rows: Sequence[T], render: Callable[[T], Any], limits: tuple[int, int] = ORDINARY
) -> dict[str, Any]:
    """The page that was asked for, in its envelope; ``next`` and ``previous`` are absent where there is none."""
    offset, limit = ask.integer("offset", 0), min(ask.integer("limit", limits[0]), limits[1])
    size = min(limit, ask.largest_page or limit)
    envelope: dict[str, Any] = {"totalcount": len(rows)}
    if offset + size < len(rows):
        envelope["next"] = _link(ask, offset + size)
    if offset > 0:
        envelope["previous"] = _link(ask, max(0, offset - size))
    return {**envelope, key: [render(row) for row in rows[offset : offset + size]]}


def _link(ask: Ask, offset: int) -> str:
    asked = sorted((name, value) for name, value in ask.call.query.items() if name not in {"limit", "offset"})
    names = {name.upper(): _as_the_server_writes(name, value) for name, value in asked}
    if ask.world.next_with_limit and (limit := ask.text("limit")):
        names["limit"] = limit
    return f"{ask.call.path}?{urlencode(names | {'offset': str(offset)})}"


def _as_the_server_writes(name: str, value: str) -> str:
    return {"true": "Y", "false": "N"}.get(value.lower(), value) if name.startswith("show") else value
