"""The operations: ``capability/OperationDefinition/`` says what they take, ``operation-access.json`` who may."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from fhir_facade.specification.files import document, folder


class Parameter(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.parameter"""

    name: str
    use: str
    min: int
    max: str
    type: str

    @property
    def value(self) -> str:
        """The element of ``Parameters.parameter`` that holds it: ``valueMoney``."""
        return f"value{self.type[0].upper()}{self.type[1:]}"


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Who may: the scope letters that are needed on PaymentNotice, and on the type of what the operation is asked of.

    ``features``: a client needs one of them; ``switch``: the authority's switch that it is offered with.
    """

    notice: str
    target: str = ""
    features: tuple[str, ...] = ()
    switch: str = ""


class Operation(msgspec.Struct, frozen=True, rename={"affects_state": "affectsState", "types": "resource"}):
    """An operation on single resources of ``types``; ``code`` is its name without ``$``."""

    code: str
    affects_state: bool
    types: tuple[str, ...]
    parameter: tuple[Parameter, ...]

    @property
    def inputs(self) -> Mapping[str, Parameter]:
        return {each.name: each for each in self.parameter if each.use == "in"}

    @property
    def outputs(self) -> Mapping[str, Parameter]:
        return {each.name: each for each in self.parameter if each.use == "out"}

    @property
    def access(self) -> Access:
        return msgspec.convert(document("operation-access.json")[self.code], Access)


@cache
def operations() -> Mapping[str, Operation]:
    """Every operation by its code."""
    defined = (msgspec.convert(body, Operation) for body in folder("OperationDefinition"))
    return {operation.code: operation for operation in defined}
