"""References: ``id``, ``Type/id`` or a URL, and identifiers of what is referred to.

https://hl7.org/fhir/R4/search.html#reference

An index value is (key, id, type, version, system, value): key is "Type/id" or an absolute URL, both without version; id
is empty for absolute URLs; system and value are those of Reference.identifier.  Relative references and URLs on our own
base are equal.  Chains are offered for identifiers only: ``patient.identifier`` is ``patient:identifier``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fhir_facade.search import literal, token
from fhir_facade.search.parameter import Admits, Ask, Match, ParameterType, Values
from fhir_facade.search.paths import reference_type

IDENTIFIER = "identifier"
_KEY, _ID, _TYPE, _VERSION, _SYSTEM, _VALUE = range(6)
_URL = re.compile(r"[a-z][a-z0-9+.\-]*:[^\s|,]+")


def naming(references: Iterable[str], base_url: str = "") -> Admits:
    """True for values that name one of these: "Type/id", an absolute URL, or a bare id of any type."""
    keys: set[str] = set()
    ids: set[str] = set()
    for reference in references:
        (keys if "/" in reference or ":" in reference else ids).add(reference)
    keys |= {f"{base_url}/{key}" for key in keys if base_url and ":" not in key}

    def by_key(values: Values) -> bool:
        for value in values:  # noqa: SIM110 - a generator costs twice as much, and this runs for every resource
            if value[_KEY] in keys:
                return True
        return False

    return (lambda values: any(value[_KEY] in keys or value[_ID] in ids for value in values)) if ids else by_key


def identifiers(values: Values, type: str) -> set[str]:
    """The identifier values of those that name a resource of this type."""
    return {value[_VALUE] for value in values if value[_TYPE] == type}


def ids(values: Values, type: str) -> set[str]:
    """The ids of the resources of ours of this type that are named."""
    return {value[_ID] for value in values if value[_TYPE] == type and value[_ID]}


def _match(ask: Ask) -> Match:
    if ask.chain or ask.modifier == IDENTIFIER:
        return _by_identifier(ask)
    references: dict[str, None] = {}
    versions: dict[str, set[str]] = {}
    for text in ask.alternatives():
        for reference, version in _named(ask, ask.plain(text)):
            references[reference] = None
            versions.setdefault(reference, set()).add(version)
    admits = naming(references, ask.base_url)
    if any(version for stated in versions.values() for version in stated):
        admits = _at_version(versions, ask.base_url)
    return Match(admits, references=tuple(references))


def _named(ask: Ask, text: str) -> Iterable[tuple[str, str]]:
    """What a value may name, with the version that it asks for, if any."""
    type = ask.modifier
    if literal.is_id(text):
        types = (type,) if type else ask.parameter.targets
        return [(f"{each}/{text}", "") for each in types] or [(text, "")]
    found = literal.read(text.removeprefix(f"{ask.base_url}/"))
    if type and (found is None or found.type != type):
        raise ask.malformed(f"expected an id, or a reference to {type}")
    if found is not None:
        return [(found.key, found.version)]
    if _URL.fullmatch(text):
        return [(text, "")]
    raise ask.malformed("expected an id, Type/id or an absolute URL")


def _at_version(versions: dict[str, set[str]], base_url: str) -> Admits:
    tests = [(naming([reference], base_url), stated) for reference, stated in versions.items()]

    def admits(values: Values) -> bool:
        return any(
            names((value,)) and ("" in stated or value[_VERSION] in stated)
            for value in values
            for names, stated in tests
        )

    return admits


def _by_identifier(ask: Ask) -> Match:
    tokens = token.parse(ask)
    admits = token.admitting(tokens, system=_SYSTEM, code=_VALUE)
    if ask.modifier in ("", IDENTIFIER):
        return Match(admits, tokens=tokens)
    type = ask.modifier
    return Match(lambda values: admits(tuple(v for v in values if v[_TYPE] == type)), tokens=tokens)


def _reference(reference: dict[str, Any]) -> Values:
    text, identifier = reference.get("reference", ""), reference.get("identifier", {})
    found = literal.of_resource(text)
    key, version = (found.key, found.version) if found else (text, "")
    id = found.id if found and not found.base else ""
    named = (identifier.get("system", ""), identifier.get("value", ""))
    if not (text or any(named) or "display" in reference):
        return ()
    return ((key, id, reference_type(reference), version, *named),)


REFERENCE = ParameterType(
    name="reference",
    readers={"Reference": _reference},
    match=_match,
    rank=lambda value: value[_KEY] or value[_VALUE],
    modifiers=frozenset({IDENTIFIER}),
)
