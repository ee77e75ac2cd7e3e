"""URIs: the same, character by character.  https://hl7.org/fhir/R4/search.html#uri"""

from __future__ import annotations

from fhir_facade.search.parameter import Ask, Match, ParameterType


def _match(ask: Ask) -> Match:
    wanted = frozenset(ask.plain(text) for text in ask.alternatives())
    return Match(lambda values: not wanted.isdisjoint(values))


URI = ParameterType(name="uri", readers={"uri": lambda uri: (uri,)}, match=_match, rank=lambda value: value)
