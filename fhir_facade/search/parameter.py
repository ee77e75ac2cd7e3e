"""A search parameter: where its values are in a resource, how they are read, and what can be asked of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir_facade.errors import Invalid
from fhir_facade.search.escapes import split, unescape
from fhir_facade.search.paths import Path

Values = tuple[Any, ...]
Reader = Callable[[Any], Values]
Admits = Callable[[Values], bool]


def any_of(tests: tuple[Callable[[Any], bool], ...]) -> Admits:
    """True if any index value passes any test."""
    if len(tests) > 1:
        return lambda values: any(test(value) for value in values for test in tests)
    (test,) = tests

    def admits(values: Values) -> bool:
        for value in values:  # noqa: SIM110 - a generator costs twice as much, and this runs for every resource
            if test(value):
                return True
        return False

    return admits


@dataclass(frozen=True)
class Match:
    """What answers a question: ``admits`` judges index values; the rest is what the question names.

    ``references``: "Type/id", the bare id where any type may be meant, or a foreign URL.  ``tokens``: (system, code),
    where system is None when unstated and "" when it must be absent, and code is "" when any will do.
    """

    admits: Admits
    references: tuple[str, ...] = ()
    tokens: tuple[tuple[str | None, str], ...] = ()


@dataclass(frozen=True)
class Ask:
    """One ``name=value`` of a query about a known parameter; ``name`` and ``text`` are as they were sent."""

    parameter: Parameter
    name: str
    modifier: str
    chain: str
    text: str
    base_url: str
    now: Callable[[], dt.datetime]

    def alternatives(self) -> list[str]:
        """The values between commas, their escapes left in; empty ones are no values."""
        return [part for part in split(self.text, ",") if part]

    def plain(self, text: str) -> str:
        """A value without its escapes."""
        try:
            return unescape(text)
        except ValueError as mistake:
            raise self.malformed("a backslash must stand before a comma, a bar, a dollar or a backslash") from mistake

    def malformed(self, expected: str) -> Invalid:
        """The refusal of a value; it does not repeat the value, which may be a person's."""
        return Invalid(f"The value of '{self.name}' cannot be read: {expected}.", code="value", expression=self.name)

    def unsupported(self, what: str) -> Invalid:
        """The refusal of a modifier or a chain."""
        return Invalid(f"'{self.name}': {what}.", code="not-supported", expression=self.name)


@dataclass(frozen=True)
class ParameterType:
    """A type of search parameter: token, reference, date, quantity, string, uri.

    ``readers`` make index values of one element, by datatype; index values are texts, numbers and tuples of them.
    ``match`` answers an Ask.  ``rank`` makes an index value comparable, ``restore`` makes it so again after a page
    link carried it as text or number.  ``modifiers`` come besides ``missing``; ``limited`` ones for some datatypes.
    """

    name: str
    readers: Mapping[str, Reader]
    match: Callable[[Ask], Match]
    rank: Callable[[Any], Any]
    modifiers: frozenset[str] = frozenset()
    limited: Mapping[str, frozenset[str]] = field(default_factory=dict)
    restore: Callable[[Any], Any] = str


@dataclass(frozen=True)
class Parameter:
    """A search parameter of one resource type.

    ``definition`` is the canonical URL of its SearchParameter; ``datatype`` what its expression selects; ``system``
    the code system that a ``code`` implies; ``targets`` the types that a reference may name, empty for any.
    """

    code: str
    kind: ParameterType
    expression: str
    definition: str
    datatype: str
    path: Path = field(repr=False, compare=False)
    system: str = ""
    targets: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The code of its type: https://hl7.org/fhir/R4/valueset-search-param-type.html"""
        return self.kind.name

    @property
    def modifiers(self) -> frozenset[str]:
        """The modifiers that it has besides ``missing`` and the names of target types."""
        limited = self.kind.limited
        return frozenset(m for m in self.kind.modifiers if m not in limited or self.datatype in limited[m])

    def index(self, body: dict[str, Any]) -> Values:
        """The values that a search compares; none if the resource has none."""
        elements = self.path(body)
        if not elements:
            return ()
        read = self.kind.readers[self.datatype]
        if len(elements) == 1:
            return read(elements[0]) if elements[0] is not None else ()
        return tuple(value for element in elements if element is not None for value in read(element))
