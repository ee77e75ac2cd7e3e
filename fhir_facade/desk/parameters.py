"""Parameters in and out, as an OperationDefinition says.  https://hl7.org/fhir/R4/parameters.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_facade import wire
from fhir_facade.errors import Invalid
from fhir_facade.mappers.judge import Unrenderable, judge
from fhir_facade.specification.operations import Operation, Parameter

Given = Mapping[str, Any]

_BESIDE_A_VALUE = frozenset({"name", "id", "extension"})


def resource(body: bytes, type: str) -> dict[str, Any]:
    """What a body holds, judged as R4 of this type; ``Invalid`` names the element at fault and no value."""
    try:
        found = wire.decode(body)
    except ValueError as unreadable:
        raise Invalid("The body is not JSON.", code="structure") from unreadable
    if not isinstance(found, dict) or found.get("resourceType") != type:
        raise Invalid(f"The body is to be of type {type}.", code="structure", expression=f"{type}.resourceType")
    try:
        judge(found)
    except Unrenderable as fault:
        raise Invalid("The body is not valid R4 here.", code="structure", expression=fault.path) from fault
    return found


def given(body: bytes, operation: Operation) -> Given:
    """The values that were sent, by name.  An empty body sends none."""
    sent = resource(body, "Parameters").get("parameter", ()) if body.strip() else ()
    found: dict[str, Any] = {}
    for part in sent:
        parameter = operation.inputs.get(part["name"])
        if parameter is None:
            raise Invalid("The operation has no such parameter.", code="not-supported", expression=part["name"])
        if part["name"] in found:
            raise Invalid("The parameter may be given once.", code="structure", expression=part["name"])
        found[part["name"]] = _value(part, parameter)
    for name, parameter in operation.inputs.items():
        if parameter.min and name not in found:
            raise Invalid("A parameter is missing.", code="required", expression=name)
    return found


def answer(operation: Operation, values: Given) -> bytes:
    """Parameters with these values, in the order and in the types of the definition."""
    parts = [
        {"name": name, parameter.value: values[name]} for name, parameter in operation.outputs.items() if name in values
    ]
    body = {"resourceType": "Parameters", "parameter": parts}
    judge(body)
    return wire.encode(body)


def _value(part: Mapping[str, Any], parameter: Parameter) -> Any:
    if set(part) - _BESIDE_A_VALUE != {parameter.value}:
        raise Invalid(f"The parameter is of type {parameter.type}.", code="value", expression=parameter.name)
    return part[parameter.value]
