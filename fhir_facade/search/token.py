"""Tokens: a code, an identifier, yes or no.  https://hl7.org/fhir/R4/search.html#token

An index value is (system, code, text); an absent system is "".  A ``code`` states no system; the one that its binding
implies means the same as none.  ``_id`` has neither system nor text: its value is the id.
Case counts in codes, ids and identifiers; it does not in Coding, ContactPoint and string, where R4 leaves it open.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fhir_facade.search.escapes import split
from fhir_facade.search.parameter import Admits, Ask, Match, ParameterType, Values
from fhir_facade.search.string import normal

Token = tuple[str | None, str]

_CASELESS = frozenset({"Coding", "CodeableConcept", "ContactPoint", "string"})
_WITHOUT_SYSTEM = frozenset({"boolean", "ContactPoint"})
_PUNCTUATION = str.maketrans("", "", " ()-./")


def parse(ask: Ask) -> tuple[Token, ...]:
    """``code``, ``system|code``, ``|code`` (no system) or ``system|`` (any code), each between commas."""
    return tuple(_token(ask, text) for text in ask.alternatives())


def admitting(tokens: Iterable[Token], *, system: int = 0, code: int = 1) -> Admits:
    """Judges values that hold a system and a code at these positions."""
    stated = list(tokens)
    codes = frozenset(value for of, value in stated if of is None)
    systems = frozenset(of for of, value in stated if of is not None and not value)
    pairs = frozenset((of, value) for of, value in stated if of is not None and value)

    def by_code(values: Values) -> bool:
        for value in values:  # noqa: SIM110 - a generator costs twice as much, and this runs for every resource
            if value[code] in codes:
                return True
        return False

    def by_both(values: Values) -> bool:
        for value in values:
            at, found = value[system], value[code]
            if found in codes or (at, found) in pairs or at in systems:
                return True
        return False

    return by_both if systems or pairs else by_code


def _token(ask: Ask, text: str) -> Token:
    parts = split(text, "|")
    if len(parts) == 1:
        return None, ask.plain(text)
    system, code = ask.plain(parts[0]), ask.plain(parts[1])
    if len(parts) > 2 or not (system or code):
        raise ask.malformed("expected code, system|code, |code or system|")
    return system, code


def _match(ask: Ask) -> Match:
    if ask.modifier == "text":
        return Match(_with_text(ask))
    tokens = parse(ask)
    admits = _by_id(tokens) if ask.parameter.datatype == "id" else admitting(_as_indexed(ask, tokens))
    if ask.modifier == "not":
        return Match(lambda values: not admits(values), tokens=tokens)
    return Match(admits, tokens=tokens)


def _by_id(tokens: Iterable[Token]) -> Admits:
    ids = frozenset(code for system, code in tokens if not system)
    return lambda values: not ids.isdisjoint(values)


def _as_indexed(ask: Ask, tokens: Iterable[Token]) -> Iterable[Token]:
    """The tokens as index values are written: case folded, implied systems left out."""
    datatype, implied = ask.parameter.datatype, ask.parameter.system
    for system, code in tokens:
        if system is not None and datatype in _WITHOUT_SYSTEM:
            raise ask.malformed("this parameter has no system, so expected only a code")
        if datatype == "boolean" and code not in ("true", "false"):
            raise ask.malformed("expected true or false")
        folded = _contact(code) if datatype == "ContactPoint" else code.casefold() if datatype in _CASELESS else code
        yield "" if system and system == implied else system, folded


def _with_text(ask: Ask) -> Admits:
    """R4: a normal string search, in the text of a concept, the display of a coding, the type of an identifier."""
    wanted = tuple(normal(ask.plain(text)) for text in ask.alternatives())
    if not all(wanted):
        raise ask.malformed("expected letters or digits")
    return lambda values: any(value[2].startswith(wanted) for value in values)


def _contact(value: str) -> str:
    """A telephone number without its punctuation, an address in lower case."""
    folded = value.casefold()
    return folded if "@" in folded else folded.translate(_PUNCTUATION)


def _coding(coding: dict[str, Any]) -> Values:
    return ((coding.get("system", ""), coding.get("code", "").casefold(), normal(coding.get("display", ""))),)


def _concept(concept: dict[str, Any]) -> Values:
    codings = tuple(value for coding in concept.get("coding", ()) for value in _coding(coding))
    return (*codings, ("", "", normal(concept["text"]))) if "text" in concept else codings


def _identifier(identifier: dict[str, Any]) -> Values:
    text = normal(identifier.get("type", {}).get("text", ""))
    return ((identifier.get("system", ""), identifier.get("value", ""), text),)


def _rank(value: Any) -> str:
    if isinstance(value, str):
        return value
    system, code, text = value
    return f"{code or text}\0{system}"


TOKEN = ParameterType(
    name="token",
    readers={
        "id": lambda id: (id,),
        "code": lambda code: (("", code, ""),),
        "boolean": lambda flag: (("", "true" if flag else "false", ""),),
        "string": lambda text: (("", text.casefold(), ""),),
        "Coding": _coding,
        "CodeableConcept": _concept,
        "Identifier": _identifier,
        "ContactPoint": lambda contact: (("", _contact(contact.get("value", "")), ""),),
    },
    match=_match,
    rank=_rank,
    modifiers=frozenset({"not", "text"}),
    limited={"text": frozenset({"Coding", "CodeableConcept", "Identifier"})},
)
