"""Query string in, criteria out: what a search asks for, judged by the definitions.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fhir_facade.clock import utcnow
from fhir_facade.errors import Invalid
from fhir_facade.search.controls import CONTROLS, Controls, controls
from fhir_facade.search.criterion import Criterion, check
from fhir_facade.search.definitions import default_order, parameters
from fhir_facade.search.order import Key, Order
from fhir_facade.search.parameter import Ask

__all__ = ["Criterion", "Query", "parse", "parse_subset"]

Pairs = Sequence[tuple[str, str]]

_AT_THE_DOOR = frozenset({"_format", "_pretty"})
_SORT, _QUERY = "_sort", "_query"
_MOST_ALTERNATIVES = 2_000  # values between commas, in a whole search: each is compared with each record
_BRIEF = 2_000  # characters


@dataclass(frozen=True, eq=False)
class Query:
    """A search of one type.  One query is equal to itself alone, so that what was found by it can be kept with it.

    ``count``: entries on a page; 0 and ``summary`` "count" are the same wish, for the total alone.  ``ignored``:
    unknown parameters, and unknown sort keys as "_sort=name".  ``warnings``: sentences for the client.  ``brief``: see
    ``is_brief``.
    """

    type: str
    criteria: tuple[Criterion, ...]
    order: Order
    count: int
    summary: str | None
    elements: tuple[str, ...]
    total: str
    ignored: tuple[str, ...]
    warnings: tuple[str, ...]
    brief: bool
    asked: tuple[tuple[str, str], ...] = ()

    def self_pairs(self) -> list[tuple[str, str]]:
        """What was really used, the order included, for the self link."""
        sort = [(_SORT, str(self.order))] if self.order.keys else []
        return [*((criterion.name, criterion.text) for criterion in self.criteria), *sort, *self.asked]


def is_brief(pairs: Pairs) -> bool:
    """False for a search so long that keeping it, or what was found by it, would fill the memory."""
    return sum(len(name) + len(text) for name, text in pairs) <= _BRIEF


def parse(type: str, pairs: Pairs, *, base_url: str, strict: bool, now: Callable[[], dt.datetime] = utcnow) -> Query:
    """The query of these decoded pairs.

    ``base_url`` is the server's own, without a slash at the end; ``now`` is asked whenever ``ap`` measures a date.
    ``Invalid``, with the parameter's name as expression, for what is always refused: malformed values, modifiers and
    chains that are not supported, named queries; and, if ``strict``, for unknown parameters and sort keys.
    """
    criteria: list[Criterion] = []
    sorts: list[str] = []
    wishes: list[tuple[str, str]] = []
    ignored: dict[str, None] = {}
    if sum(text.count(",") + 1 for name, text in pairs if name != _SORT) > _MOST_ALTERNATIVES:
        raise Invalid(f"A search takes {_MOST_ALTERNATIVES:,} values at most.", code="too-costly")
    for name, text in pairs:
        if name == _SORT:
            sorts.append(text)
        elif name in CONTROLS:
            wishes.append((name, text))
        elif name not in _AT_THE_DOOR:
            ask = _ask(type, name, text, base_url, now)
            if ask is None:
                ignored[name] = None
            elif ask.alternatives():
                criteria.append(Criterion.of(ask))
    wanted = controls(wishes)
    order, unknown = _order(type, ",".join(sorts))
    if strict and (ignored or unknown):
        raise _unknown(type, next(iter(ignored), _SORT))
    ignored |= dict.fromkeys(f"{_SORT}={code}" for code in unknown)
    return _query(type, tuple(criteria), order, wanted, tuple(ignored), brief=is_brief(pairs))


def parse_subset(pairs: Pairs) -> tuple[str | None, tuple[str, ...]]:
    """``_summary`` (None where the whole is wanted) and ``_elements`` of a read; a read has nothing to count."""
    asked = [(name, text) for name, text in pairs if name in ("_summary", "_elements")]
    if not asked:
        return None, ()
    wanted = controls(asked)
    if wanted.summary == "count":
        raise Invalid("_summary=count is for searches.", code="value", expression="_summary")
    return (None if wanted.summary == "false" else wanted.summary), wanted.elements


def _query(
    type: str,
    criteria: tuple[Criterion, ...],
    order: Order,
    wanted: Controls,
    ignored: tuple[str, ...],
    *,
    brief: bool,
) -> Query:
    return Query(
        type=type,
        criteria=criteria,
        order=order,
        count=wanted.count,
        summary=wanted.summary,
        elements=wanted.elements,
        total=wanted.total,
        ignored=ignored,
        warnings=wanted.warnings,
        brief=brief,
        asked=wanted.asked,
    )


def _ask(type: str, name: str, text: str, base_url: str, now: Callable[[], dt.datetime]) -> Ask | None:
    """What a pair asks, or None if the parameter is unknown."""
    if name == _QUERY:
        raise Invalid("There are no named queries here.", code="not-supported", expression=name)
    head, _, chain = name.partition(".")
    code, _, modifier = head.partition(":")
    parameter = parameters(type).get(code)
    if parameter is None:
        return None
    ask = Ask(parameter, name, modifier, chain, text, base_url, now)
    check(ask)
    return ask


def _order(type: str, text: str) -> tuple[Order, list[str]]:
    """The order that ``_sort`` asks for, or the type's own, and the codes that are no search parameters."""
    known, unknown = parameters(type), []
    keys: dict[str, Key] = {}
    for rule in (rule for rule in text.split(",") if rule):
        code = rule.removeprefix("-")
        if code in known:
            keys.setdefault(code, Key(known[code], descending=rule.startswith("-")))
        else:
            unknown.append(code)
    if keys or not (usual := default_order(type)):
        return Order(tuple(keys.values())), unknown
    return Order((Key(known[usual.removeprefix("-")], descending=usual.startswith("-")),)), unknown


def _unknown(type: str, name: str) -> Invalid:
    what = "_sort names what is no search parameter" if name == _SORT else f"'{name}' is no search parameter"
    known = ", ".join(sorted(parameters(type)))
    return Invalid(f"{what} of {type}; known are {known}.", code="not-supported", expression=name)
