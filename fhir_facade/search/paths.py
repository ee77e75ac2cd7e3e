"""The FHIRPath that search parameters use, compiled into a function from a resource to the elements it selects.

Read are paths through arrays, ``|``, ``as`` and ``ofType`` on choices and contained resources, ``extension('url')``,
``where(field='text')``, ``where(resolve() is Type)``, and ``exists()``, ``!= false``, ``and`` for yes or no.
Anything else is refused when the definitions are loaded.  ``resolve()`` is answered from the Reference alone.

https://hl7.org/fhir/R4/fhirpath.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from fhir_facade.search import literal

Nodes = list[Any]
Step = Callable[[Nodes], Nodes]
Path = Callable[[dict[str, Any]], Nodes]

_AS = re.compile(r"\(([\w.]+) as (\w+)\)")
_SEGMENT = re.compile(
    r"""\.(?: extension\('(?P<extension>[^']+)'\)
            | where\(resolve\(\)\ is\ (?P<target>\w+)\)
            | where\((?P<field>\w+)='(?P<text>[^']*)'\)
            | ofType\((?P<choice>\w+)\)
            | (?P<exists>exists\(\))
            | (?P<name>[a-z]\w*)(?!\w*\()
        )""",
    re.VERBOSE,
)


def compile(type: str, expression: str) -> Path:
    """The elements that ``expression`` selects in a resource of ``type``; ``ValueError`` for what is not read."""
    parts = [_comparison(type, part) for part in expression.split(" and ")]
    if len(parts) > 1:
        return lambda body: _and([part([body]) for part in parts])
    step = parts[0]
    return lambda body: step([body])


def reference_type(reference: dict[str, Any]) -> str:
    """The type of resource that a Reference names, as far as the Reference itself tells."""
    stated = reference.get("type")
    if stated:
        return str(stated).rpartition("/")[2]
    found = literal.of_resource(reference.get("reference", ""))
    return found.type if found else ""


def _comparison(type: str, text: str) -> Step:
    left, unequal, rest = text.partition(" != false")
    if rest:
        _refuse(rest)
    step = _union(type, left, choices=bool(unequal))
    if not unequal:
        return step
    return lambda nodes: [found[0] is not False] if (found := step(nodes)) else []


def _and(operands: Sequence[Nodes]) -> Nodes:
    """FHIRPath's ``and``: false wins over unknown, unknown over true."""
    if any(operand == [False] for operand in operands):
        return [False]
    return [True] if all(operands) else []


def _union(type: str, text: str, *, choices: bool) -> Step:
    terms = [_term(type, term.strip(), choices=choices) for term in text.split("|")]
    return terms[0] if len(terms) == 1 else lambda nodes: [node for term in terms for node in term(nodes)]


def _term(type: str, text: str, *, choices: bool) -> Step:
    path = _AS.sub(r"\1.ofType(\2)", text)
    position, segments = len(type), []
    while segment := _SEGMENT.match(path, position):
        segments.append(segment.groupdict())
        position = segment.end()
    if not path.startswith(type) or position < len(path) or not segments:
        _refuse(text)
    return _chain(_steps(segments, choices=choices))


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"not read in FHIRPath: {text!r}")


def _steps(segments: Sequence[dict[str, str | None]], *, choices: bool) -> Sequence[Step]:
    """``choices``: the last field is compared, so it may be a choice."""
    steps: list[Step] = []
    for index, segment in enumerate(segments):
        after = segments[index + 1] if index + 1 < len(segments) else {}
        before = segments[index - 1] if index else {}
        name, extension, choice = segment["name"], segment["extension"], segment["choice"]
        if name and after.get("choice"):
            continue
        if choice:
            steps.append(_choice(before.get("name") or _refuse("ofType of no field"), choice))
        elif name and (after.get("exists") or before.get("extension") or (choices and not after)):
            steps.append(_any_choice(name))
        elif name:
            steps.append(_field(name))
        elif extension:
            steps.append(_having("extension", "url", extension))
        else:
            steps.append(_filter(segment))
    return steps


def _filter(segment: dict[str, str | None]) -> Step:
    if segment["exists"]:
        return lambda nodes: [bool(nodes)]
    target, field, text = segment["target"], str(segment["field"]), segment["text"]
    if target:
        return lambda nodes: [node for node in nodes if reference_type(node) == target]
    return lambda nodes: [node for node in nodes if node.get(field) == text]


def _chain(steps: Sequence[Step]) -> Step:
    if len(steps) == 1:
        return steps[0]

    def walk(nodes: Nodes) -> Nodes:
        for step in steps:
            nodes = step(nodes)
        return nodes

    return walk


def _values(node: dict[str, Any], name: str) -> Nodes:
    value = node.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _field(name: str) -> Step:
    def step(nodes: Nodes) -> Nodes:
        if len(nodes) == 1:
            return _values(nodes[0], name)
        return [value for node in nodes for value in _values(node, name)]

    return step


def _having(name: str, field: str, text: str) -> Step:
    return lambda nodes: [one for node in nodes for one in node.get(name, ()) if one.get(field) == text]


def _choice(name: str, type: str) -> Step:
    """A choice of one type (``deceasedDateTime``), or the contained resources of one type."""
    key = name + type[0].upper() + type[1:]

    def step(nodes: Nodes) -> Nodes:
        chosen = [node[key] for node in nodes if key in node]
        return chosen or [one for node in nodes for one in _values(node, name) if one.get("resourceType") == type]

    return step


def _any_choice(name: str) -> Step:
    """A field that may be a choice of any type."""

    def step(nodes: Nodes) -> Nodes:
        return [
            one
            for node in nodes
            for key in node
            if key == name or (key.startswith(name) and key[len(name)].isupper())
            for one in _values(node, key)
        ]

    return step
