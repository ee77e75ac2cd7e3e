"""The sample practice's appointments: past, to come, cancelled, missed; with and without a copay."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fhir_facade.sandbox.athenahealth.practice import Practice
from fhir_facade.sandbox.athenahealth.visits import AppointmentCopay
from fhir_facade.sandbox.calendar import Calendar

_PAST_AND_CANCELLED: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("1001", "985001", -200, {"status": "4", "provider": "27"}),
    ("1001", "985002", -45, {"status": "3", "provider": "27", "start": "14:00"}),
    ("1001", "985003", -9, {"status": "f", "department": "21", "copay": 20}),  # missed: it stays "f"
    ("1001", "985004", 12, {"status": "x", "cancel_reason": "PATIENT CANCELLED", "no_show": False}),
    ("1001", "985005", -60, {"status": "4", "department": "62", "provider": "71", "minutes": None}),
    ("1006", "985006", -30, {"status": "3", "department": "62", "provider": "71"}),
    ("1007", "985007", -10, {"status": "3"}),
)
_TO_COME: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("1001", "985011", 20, {"provider": "27", "copay": 20, "copay_detail": AppointmentCopay(25, 5, 0)}),
    ("1001", "985012", 34, {"department": "62", "provider": "71", "copay": 45, "start": "08:15"}),
    ("1003", "985013", 6, {"provider": "27", "copay": 0}),
    ("1008", "985014", 9, {"department": "21", "start": "16:45", "copay": 15}),
    ("1010", "985015", 15, {"provider": "86", "copay": None, "type": "Well child", "type_id": "61"}),
    ("1012", "985016", 11, {"department": "142", "provider": "71", "copay": "35.5", "start": "07:30"}),
    ("1004", "985017", 3, {"charge_entry_not_required": True, "type": "Blood draw", "type_id": "95"}),
)


def add_visits(practice: Practice, calendar: Calendar) -> None:
    """Every appointment, one of today that has begun, and an open slot that nobody has taken."""
    for patient, number, days, fields in (*_PAST_AND_CANCELLED, *_TO_COME):
        scheduled = calendar.moment(min(days, 0) - 20)
        practice.add_visit(patient, number, date=calendar.day(days), scheduled=scheduled, **fields)
    practice.add_visit("1002", "985020", date=calendar.day(0), status="2", provider="27", copay=10)
    practice.add_visit(None, "985021", date=calendar.now.date() + dt.timedelta(days=2), status="o", copay=None)
