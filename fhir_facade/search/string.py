"""Strings: starts with, contains, exactly.  https://hl7.org/fhir/R4/search.html#string

An index value is (normal form, text as it is).  The normal form has no case, accents, punctuation or repeated blanks.
Names and addresses are searched by each of their parts, a name also as a whole, a family name also by each word.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from fhir_facade.search.parameter import Admits, Ask, Match, ParameterType, Values

_SPOKEN_TOGETHER = "'’‘`´.ʼ"  # O'Brien, St. Mary
_SPOKEN_APART = '!"#$%&()*+,-/:;<=>?@[\\]^_{|}~–—‐‑·…“”«»'
_PUNCTUATION = str.maketrans(dict.fromkeys(_SPOKEN_TOGETHER, "") | dict.fromkeys(_SPOKEN_APART, " "))
_NAME_LISTS = ("given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "city", "district", "state", "postalCode", "country")


def normal(text: str) -> str:
    """The form in which strings are compared and sorted."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(text.casefold().translate(_PUNCTUATION).split())


def _match(ask: Ask) -> Match:
    texts = [ask.plain(text) for text in ask.alternatives()]
    if ask.modifier == "exact":
        exact = frozenset(texts)
        return Match(lambda values: any(value[1] in exact for value in values))
    wanted = tuple(normal(text) for text in texts)
    if not all(wanted):
        raise ask.malformed("expected letters or digits")
    return Match(_containing(wanted) if ask.modifier == "contains" else _starting(wanted))


def _starting(wanted: tuple[str, ...]) -> Admits:
    def admits(values: Values) -> bool:
        for value in values:  # noqa: SIM110 - a generator costs twice as much, and this runs for every resource
            if value[0].startswith(wanted):
                return True
        return False

    return admits


def _containing(wanted: tuple[str, ...]) -> Admits:
    return lambda values: any(text in value[0] for value in values for text in wanted)


def _text(text: str) -> Values:
    return ((normal(text), text),)


def _family(text: str) -> Values:
    """A family name and each of its words: R4 asks that Quinones be found in Carreno Quinones."""
    return (*_text(text), *(value for word in text.split()[1:] for value in _loose(word)))


def _loose(text: str) -> Values:
    """What is found, but not by ``:exact``: it is no element of its own."""
    return ((normal(text), ""),)


def _name(name: dict[str, Any]) -> Values:
    family, given = name.get("family", ""), [one for one in name.get("given", ()) if one]
    parts = [name.get("text"), *(one for key in _NAME_LISTS for one in name.get(key, ()))]
    values = [value for part in parts if part for value in _text(part)]
    if family and given:
        values += [*_loose(" ".join([*given, family])), *_loose(" ".join([family, *given]))]
    return (*(_family(family) if family else ()), *values)


def _address(address: dict[str, Any]) -> Values:
    parts = [address.get(key) for key in _ADDRESS_PARTS] + list(address.get("line", ()))
    return tuple(value for part in parts if part for value in _text(part))


STRING = ParameterType(
    name="string",
    readers={"string": _text, "HumanName": _name, "HumanName.family": _family, "Address": _address},
    match=_match,
    rank=lambda value: value[0],
    modifiers=frozenset({"exact", "contains"}),
)
