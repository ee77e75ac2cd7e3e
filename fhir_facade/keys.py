"""Who is meant: a patient number is always a pair."""

from __future__ import annotations

from typing import NamedTuple


class PatientKey(NamedTuple):
    """A patient as an assigning authority knows them.  The same value at two authorities may be two people."""

    authority: str
    value: str


class SourceKey(NamedTuple):
    """A patient as a billing system knows them; the authorities that share the system share the number."""

    billing_system: str
    value: str
