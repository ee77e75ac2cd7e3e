"""A criterion: one ``name=value`` of a search, ready to judge index values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from fhir_facade.search.definitions import resource_types
from fhir_facade.search.parameter import Admits, Ask, Match, Parameter, Values
from fhir_facade.search.reference import IDENTIFIER, REFERENCE, naming

MISSING = "missing"


@dataclass(frozen=True)
class Criterion:
    """``admits(values)`` is the verdict on ``parameter.index(body)``; ``name`` and ``text`` are as sent.

    ``references`` and ``tokens`` are what the criterion names, as ``Match`` has them; both are empty for ``:missing``
    and ``:text``, and ``:not`` names what it excludes.
    """

    code: str
    parameter: Parameter
    name: str
    modifier: str
    chain: str
    text: str
    base_url: str
    admits: Admits = field(repr=False, compare=False)
    references: tuple[str, ...] = ()
    tokens: tuple[tuple[str | None, str], ...] = ()

    @classmethod
    def of(cls, ask: Ask) -> Criterion:
        """The criterion of a question that ``check`` has let pass; ``Invalid`` for a malformed value."""
        match = _match(ask)
        return cls(
            code=ask.parameter.code,
            parameter=ask.parameter,
            name=ask.name,
            modifier=ask.modifier,
            chain=ask.chain,
            text=ask.text,
            base_url=ask.base_url,
            admits=match.admits,
            references=match.references,
            tokens=match.tokens,
        )

    def with_references(self, extra: Iterable[str]) -> Criterion:
        """The same criterion, admitting these references ("Patient/x") too: a patient under the number in force.

        A criterion that asks for references lists them in its text from then on, and so in the self link.
        """
        new = [reference for reference in extra if reference not in self.references]
        if self.parameter.kind is not REFERENCE or self.modifier == MISSING or not new:
            return self
        before, also = self.admits, naming(new, self.base_url)
        text = ",".join([self.text, *new]) if self.references else self.text
        references = (*self.references, *new) if self.references else ()
        return replace(self, text=text, references=references, admits=lambda values: before(values) or also(values))


def check(ask: Ask) -> None:
    """``Invalid`` if the parameter does not have this modifier or chain, whatever the value."""
    kind = ask.parameter.kind
    typed = kind is REFERENCE and ask.modifier in (ask.parameter.targets or resource_types())
    if ask.modifier and ask.modifier not in ask.parameter.modifiers | {MISSING} and not typed:
        raise ask.unsupported("this modifier is not supported")
    if ask.chain and (kind is not REFERENCE or ask.chain != IDENTIFIER or (ask.modifier and not typed)):
        raise ask.unsupported("of chains, only a reference followed by .identifier is supported")


def _match(ask: Ask) -> Match:
    if ask.modifier != MISSING:
        return ask.parameter.kind.match(ask)
    if ask.text not in ("true", "false"):
        raise ask.malformed("expected true or false")
    return Match(_absent if ask.text == "true" else _present)


def _absent(values: Values) -> bool:
    return not values


def _present(values: Values) -> bool:
    return bool(values)
