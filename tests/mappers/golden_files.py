"""The golden files: reviewed resources, one a case.  ``python -m tests.mappers.golden_files`` writes them anew."""

from __future__ import annotations

from pathlib import Path

from fhir_facade import wire
from tests.mappers.cases import RESOURCES

FOLDER = Path(__file__).with_name("golden")


def text(name: str) -> bytes:
    """A case's resource as its file holds it."""
    return wire.pretty(wire.encode(RESOURCES[name]())) + b"\n"


def path(name: str) -> Path:
    return FOLDER / f"{name}.json"


if __name__ == "__main__":
    for name in RESOURCES:
        path(name).write_bytes(text(name))
