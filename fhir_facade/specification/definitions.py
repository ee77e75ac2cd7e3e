"""Our own SearchParameters, OperationDefinitions and other definitions, as clients may read them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fhir_facade.specification.files import folder

TYPES = ("SearchParameter", "OperationDefinition", "StructureDefinition", "CodeSystem", "ValueSet")


@cache
def definitions() -> Mapping[str, tuple[Any, ...]]:
    """The definitions by type, as they are written in ``capability/``."""
    return {type: folder(type) for type in TYPES}
