"""Whose a record is, and which of theirs: what records of every kind can be asked alike."""

from __future__ import annotations

from fhir_facade.records import Payment, Person, Personal, Record


def patient_of(record: Record) -> str:
    """The number of the patient that a record is about; empty where it is about nobody."""
    if isinstance(record, Person):
        return record.number
    return record.patient if isinstance(record, Personal) else ""


def own_number(record: Record) -> str:
    """What tells a record from the patient's others of its kind."""
    return (record.key or record.number) if isinstance(record, Payment) else record.number
