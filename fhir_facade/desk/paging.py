"""Pages: a cut of the sorted matches, and sealed links to its neighbours.

A link holds the search, where the page begins and which billing systems were missing at the start.  Where it begins
is told by sort values and id, not by a count, so that a bill that comes or goes meanwhile neither repeats nor hides
another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from fhir_facade.files.resource import Resource
from fhir_facade.search.query import Query


class PageState(msgspec.Struct, frozen=True, array_like=True):
    """What a page link carries.  ``forward``: the page lies behind ``position``, else before it."""

    type: str
    pairs: tuple[tuple[str, str], ...]
    missing: tuple[str, ...] = ()
    position: Any = None
    forward: bool = True


class Page(msgspec.Struct, frozen=True):
    """A page's resources and the links to its neighbours."""

    resources: Sequence[Resource]
    first: PageState | None = None
    previous: PageState | None = None
    next: PageState | None = None


class Sealing(Protocol):
    """Seals page states into tokens, bound to a caller."""

    def seal(self, payload: Any, caller: str) -> str:
        """An unpadded base64url token."""

    def open(self, token: str, caller: str) -> Any:
        """The payload; ``Invalid`` for garbage and for another caller's, ``Gone`` for a retired key."""


def cut(ordered: Sequence[Resource], query: Query, state: PageState) -> Page:
    """The page that ``state`` points to."""
    start, end = _span(ordered, query, state)
    page = ordered[start:end]
    more, before = end < len(ordered), start > 0

    def neighbour(at: Resource, forward: bool) -> PageState:
        position = query.order.position(at, Resource.values, _id)
        return PageState(state.type, state.pairs, state.missing, position, forward)

    return Page(
        page,
        first=PageState(state.type, state.pairs, state.missing) if more or before else None,
        previous=neighbour(page[0], False) if before and page else None,
        next=neighbour(page[-1], True) if more else None,
    )


def _span(ordered: Sequence[Resource], query: Query, state: PageState) -> tuple[int, int]:
    """Where the page begins, and what it does not reach.  One that goes back ends where the page after it began."""
    if state.position is None:
        return 0, query.count
    if state.forward:
        start = query.order.after(ordered, state.position, Resource.values, _id)
        return start, start + query.count
    end = query.order.before(ordered, state.position, Resource.values, _id)
    return max(0, end - query.count), end or query.count  # where nothing is left before it, the first page


def _id(resource: Resource) -> str:
    return resource.id
