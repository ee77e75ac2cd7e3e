"""What came of an operation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from fhir_facade.keys import PatientKey


@dataclass(frozen=True)
class Performed:
    """Parameters, encoded, and whom they are about."""

    body: bytes
    patients: Collection[PatientKey] = ()
