"""JSON Schema's errors in words that a site can act on: a message and an advice for each keyword.

A schema may carry ``errorMessage`` (what a value of the wrong form must be), ``examples`` (the first is advice) and
``writeOnly`` (the value is a secret).  No message holds a value: the value is quoted by its document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from fhir_facade.settings.quoting import quoted
from fhir_facade.settings.suggestion import nearest

Words = tuple[str, str]  # message, advice
MANUAL = "see docs/settings.md"


def words(error: ValidationError) -> Words:
    """Message and advice for an error."""
    return WORDS.get(str(error.validator), _other)(error)


def schema_of(error: ValidationError) -> Mapping[str, Any]:
    """The schema that has the keyword that was broken."""
    return error.schema if isinstance(error.schema, Mapping) else {}


def instance(error: ValidationError) -> Any:
    """The value that was judged."""
    return error.instance


def rule(error: ValidationError) -> Any:
    """The value of the keyword that was broken."""
    return error.validator_value


def example(schema: Mapping[str, Any], key: str) -> str:
    """How a key could be written, from its schema; empty when the schema gives no example."""
    examples = schema.get("examples") or list(filter(None, (schema.get("default"), *schema.get("enum", ()))))
    return f"write for example {key} = {quoted('', examples[0])}" if examples else ""


def explained(schema: Mapping[str, Any]) -> str:
    """What a key means, from its schema; empty when the schema does not say."""
    return f"it means: {schema['description'].rstrip('.')}" if schema.get("description") else ""


def _type(error: ValidationError) -> Words:
    wanted = [rule(error)] if isinstance(rule(error), str) else list(rule(error))
    message = "must be " + " or ".join(TYPES[name] for name in wanted)
    return message, _retyped(instance(error), wanted, _key(error)) or _advice(error)


def _alternatives(error: ValidationError) -> Words:
    wanted = [rule(inner) for inner in error.context or () if inner.validator == "type" and not inner.path]
    message = "must be " + " or ".join(TYPES[name] for name in wanted if isinstance(name, str))
    return (message, _advice(error)) if wanted else _other(error)


def _retyped(value: Any, wanted: list[str], key: str) -> str:
    """The same value written as a value of the wanted type, where that can be guessed."""
    if "array" in wanted and isinstance(value, Mapping):
        return f"write [[{key}]] in double brackets"
    if "string" in wanted and isinstance(value, int | float) and not isinstance(value, bool):
        return f'write {key} = "{value}"'
    if "boolean" in wanted and isinstance(value, str | int):
        return f"write {key} = {json.dumps(str(value).casefold() in YES)}"
    if {"integer", "number"} & set(wanted) and isinstance(value, str) and value.isdecimal():
        return f"write {key} = {value}"
    if wanted == ["array"] and isinstance(value, str):
        return f"write {key} = [{quoted(key, value)}]"
    return ""


def _enum(error: ValidationError) -> Words:
    known = [str(value) for value in rule(error)]
    meant = nearest(str(instance(error)), known)
    return f"must be {_either(known)}", f'did you mean "{meant}"?' if meant else f"write one of these {len(known)}"


def _either(names: list[str]) -> str:
    *others, last = [f'"{name}"' for name in names]
    return f"{', '.join(others)} or {last}" if others else last


def _pattern(error: ValidationError) -> Words:
    return schema_of(error).get("errorMessage", "does not have the right form"), _advice(error)


def _length(error: ValidationError) -> Words:
    if rule(error) == 1:
        return _empty(error)
    return f"has {len(instance(error))} of the {rule(error)} characters that it needs", "write a longer one"


def _empty(error: ValidationError) -> Words:
    return "must not be empty", _advice(error, "write a value or leave the key out")


def _bound(phrase: str) -> Callable[[ValidationError], Words]:
    return lambda error: (f"must be {phrase} {rule(error)}", _advice(error, "write such a number"))


def _together(error: ValidationError) -> Words:
    lacking = {
        key: set(needed) - instance(error).keys() for key, needed in rule(error).items() if key in instance(error)
    }
    key, missing = next((key, sorted(missing)) for key, missing in lacking.items() if missing)
    return f"has {key} without {', '.join(missing)}", f"write {missing[0]}, too, or leave {key} out"


def _keys(error: ValidationError) -> str:
    return f"the keys here are {', '.join(schema_of(error).get('properties', {})) or 'free'}"


def _other(error: ValidationError) -> Words:
    return f"breaks the rule {error.validator} of its schema", _advice(error)


def _advice(error: ValidationError, otherwise: str = MANUAL) -> str:
    return example(schema_of(error), _key(error)) or explained(schema_of(error)) or otherwise


def _key(error: ValidationError) -> str:
    return next((step for step in reversed(error.absolute_path) if isinstance(step, str)), "")


YES = ("true", "yes", "on", "1")

TYPES = {
    "string": "a text in quotes",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a table",
    "null": "left out",
}

WORDS: Mapping[str, Callable[[ValidationError], Words]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _length,
    "minItems": _empty,
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "exclusiveMaximum": _bound("less than"),
    "dependentRequired": _together,
    "minProperties": lambda error: (f"must have at least {rule(error)} of its keys", _keys(error)),
    "maxProperties": lambda error: (f"must have at most {rule(error)} of its keys", _keys(error)),
    "anyOf": _alternatives,
    "oneOf": _alternatives,
}
