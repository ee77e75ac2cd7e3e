"""A JSON Schema's errors as findings: which value, what is wrong, what to write."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from fhir_facade.settings.faults import Finding, KeyPath
from fhir_facade.settings.suggestion import nearest
from fhir_facade.settings.wording import example, explained, instance, rule, schema_of, words


@cache
def facade_schema() -> Mapping[str, Any]:
    """The schema of ``facade.toml``."""
    text = files("fhir_facade.settings").joinpath("schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


def judged(values: Any, schema: Mapping[str, Any], at: KeyPath = ()) -> Iterator[Finding]:
    """What ``schema`` finds wrong with ``values``; ``at`` is where the values are in the settings."""
    for error in Judge(schema).iter_errors(values):
        deepest = best_match([error]) or error
        path = (*at, *deepest.absolute_path)
        if "propertyNames" in deepest.absolute_schema_path:
            yield Finding((*path, instance(deepest)), f"is under a key that {words(deepest)[0]}", words(deepest)[1])
        elif deepest.validator == "additionalProperties" and isinstance(rule(deepest), bool):
            yield from _unknown_keys(deepest, path)
        elif deepest.validator == "required":
            yield from _missing_keys(deepest, path, schema)
        else:
            yield Finding(path, *words(deepest), hidden=bool(schema_of(deepest).get("writeOnly")))


def _finite(checker: object, value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


# TOML can write inf and nan, which no setting means.
Judge = extend(Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _finite))  # type: ignore[no-untyped-call]


def _unknown_keys(error: ValidationError, path: KeyPath) -> Iterator[Finding]:
    schema, written = schema_of(error), instance(error).keys()
    known = set(schema.get("properties", {}))
    patterns = schema.get("patternProperties", {})
    for key in written - known:
        if not any(re.search(pattern, key) for pattern in patterns):
            meant = nearest(key, known - written)
            advice = f"did you mean {meant}?" if meant else f"the keys here are {', '.join(sorted(known))}"
            yield Finding((*path, key), "is no setting", advice, stands_for=((*path, meant),) if meant else ())


def _missing_keys(error: ValidationError, path: KeyPath, root: Mapping[str, Any]) -> Iterator[Finding]:
    about = _properties(schema_of(error), root)
    for key in rule(error):
        if key not in instance(error):
            shown = example(about.get(key, {}), key) or explained(about.get(key, {}))
            yield Finding((*path, key), "is missing", shown or (f"write {key} = …" if path else f"add [{key}]"))


def _properties(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a schema, or of the definition of ``root`` that it refers to."""
    _, _, name = str(schema.get("$ref", "")).rpartition("#/$defs/")
    found: Mapping[str, Any] = schema.get("properties") or root.get("$defs", {}).get(name, {}).get("properties", {})
    return found
