"""Appointments as a practice keeps them: local to the department, money expected and collected (reference 8.4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fhir_facade.sandbox.athenahealth.bills import Amount


@dataclass
class AppointmentCopay:
    """What insurance expects and what was collected, in dollars: an object of numbers, not rolled out everywhere."""

    insurance: Amount = 0
    collected_for_appointment: Amount = 0
    collected_for_other: Amount = 0


@dataclass
class Visit:
    """An appointment.  ``date`` and ``start`` (``HH:MM``) are the department's local time; ``minutes`` may be unknown.

    ``status``: ``x`` cancelled, ``f`` future (no-shows stay ``f``), ``o`` open, ``2`` checked in, ``3`` checked out,
    ``4`` charge entered.  ``copay`` is net of collected money; None leaves it out.  ``scheduled`` has an offset.
    """

    number: str
    patient: str | None
    date: dt.date
    start: str = "09:30"
    status: str = "f"
    department: str = "1"
    provider: str | None = "86"
    minutes: int | None = 30
    type: str = "Any 15"
    type_id: str = "82"
    patient_type: str | None = "Established Patient"
    copay: Amount | None = 0
    copay_detail: AppointmentCopay | None = None
    charge_entry_not_required: bool | None = None
    scheduled: dt.datetime | None = None
    cancel_reason: str | None = None
    no_show: bool | None = None
