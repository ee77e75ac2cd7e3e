"""The judge's schema is HL7's: made anew it is the same, small, and it refuses nothing that HL7 publishes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from jsonschema_rs import Draft6Validator

from fhir_facade.mappers.judge import validator_of
from tests.conftest import Hl7

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "capability" / "r4.schema.json"


def test_the_schema_is_what_its_tool_makes(hl7: Hl7, tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "tools" / "r4_schema.py", tmp_path], check=True)
    assert (tmp_path / SCHEMA.name).read_bytes() == SCHEMA.read_bytes(), "run `make definitions` again"


def test_the_schema_is_small() -> None:
    assert SCHEMA.stat().st_size < 600_000


def test_what_hl7_publishes_is_accepted(hl7: Hl7) -> None:
    """A hundredth of HL7's own definitions, but for what we never write (other contained resources)."""
    definitions = hl7.read("package/openapi/fhir.schema.json")["definitions"]
    accepted: Counter[str] = Counter()
    refused: list[str] = []
    for name in [name for name in hl7.names if name.count("/") == 1][::100]:
        body = hl7.read(name)
        type = body.get("resourceType", "")
        validator = validator_of(type)
        if validator is None or "contained" in body or (type == "SearchParameter" and "base" not in body):
            continue
        if validator.is_valid(body):
            accepted[type] += 1
        elif Draft6Validator({"$ref": f"#/definitions/{type}", "definitions": definitions}).is_valid(body):
            refused.append(name)
    assert refused == []
    assert {"StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter"} <= set(accepted)
