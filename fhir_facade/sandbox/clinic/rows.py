"""The clinic's people and what they owe.  Number 1001 is somebody else at the athenahealth practice.

Number 2006 is known there, too, as 1012.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from fhir_facade.sandbox.calendar import Calendar

Row = dict[str, Any]

SITES: tuple[Row, ...] = (
    {"site_no": 1, "title": "Harbor Clinic", "phone": "3125550201", "street": "9 Harbor Street", "city": "Chicago",
     "state": "IL", "zip": "60601"},
    {"site_no": 2, "title": "Harbor Clinic Laboratory", "city": "Chicago", "state": "IL"},
)  # fmt: skip
DOCTORS: tuple[Row, ...] = (
    {"doctor_no": 7, "family_name": "Moreau", "first_name": "Claire", "npi": "1023456785"},
    {"doctor_no": 8, "family_name": "Yamada", "first_name": "Ken"},
)
PEOPLE: tuple[Row, ...] = (
    {"patient_no": 1001, "family_name": "Petrov", "first_names": "Boris", "born": "1957-04-11", "sex": "M",
     "phone": "3125550211", "street": "4 Canal Street", "city": "Chicago", "state": "IL", "zip": "60606"},
    {"patient_no": 2001, "family_name": "Santos", "first_names": "Maria Clara", "born": "1990-09-23", "sex": "F",
     "email": "maria.santos@example.com", "city": "Chicago", "state": "IL"},
    {"patient_no": 2002, "family_name": "O'Neill", "first_names": "John", "born": "1948-02-29", "sex": "M"},
    {"patient_no": 2003, "family_name": "Rahman", "first_names": "Aisha", "born": "2001-06-15", "sex": "F"},
    {"patient_no": 2004, "family_name": "Kowalski", "first_names": "Edith", "born": "1931-11-05", "sex": "F",
     "archived": 1},
    {"patient_no": 2005, "family_name": "Santos", "first_names": "Maria", "born": "1990-09-23", "sex": "F",
     "archived": 1, "merged_into": 2001},
    {"patient_no": 2006, "family_name": "Chen", "first_names": "Lily", "born": "1974-08-14", "sex": "F",
     "email": "lily.chen@example.com", "city": "Phoenix", "state": "AZ"},
)  # fmt: skip


def patients(calendar: Calendar) -> tuple[Row, ...]:
    """The people; number 2004 died after the last visit."""
    died = {2004: str(calendar.day(-590))}
    return tuple({**row, "died": died.get(row["patient_no"])} for row in PEOPLE)


def invoices(calendar: Calendar) -> tuple[Row, ...]:
    """Open, closed, with the insurer, overpaid, void, with an agency, and one made by mistake."""
    seen = {"site_no": 1, "doctor_no": 7}
    return (
        {**_dates(calendar, -40), **seen, "invoice_no": "H-5001", "patient_no": 1001, "stage": "OPEN",
         "insurer_paid_cents": 11000, "written_off_cents": 4000, "open_cents": 4550, "remark": "Knee pain"},
        {**_dates(calendar, -400), "site_no": 2, "invoice_no": "H-4001", "patient_no": 1001, "stage": "CLOSED",
         "open_cents": 0},
        {**_dates(calendar, -12), **seen, "invoice_no": "H-5002", "patient_no": 2001, "stage": "INSURER",
         "insurer_pending_cents": 31250, "open_cents": 0},
        {**_dates(calendar, -95), **seen, "invoice_no": "H-4900", "patient_no": 2001, "stage": "OPEN",
         "insurer_paid_cents": 0, "open_cents": 12000},
        {**_dates(calendar, -30), **seen, "invoice_no": "H-4950", "patient_no": 2001, "stage": "VOID", "open_cents": 0},
        {**_dates(calendar, -50), "site_no": 1, "doctor_no": 8, "invoice_no": "H-4990", "patient_no": 2002,
         "stage": "REFUND", "open_cents": -2016},
        {**_dates(calendar, -500), **seen, "invoice_no": "H-3900", "patient_no": 2003, "stage": "OPEN", "agency": 1,
         "open_cents": 30000},
        {**_dates(calendar, -3), **seen, "invoice_no": "H-5010", "patient_no": 2003, "stage": "ERROR", "open_cents": 0},
        {**_dates(calendar, -22), "site_no": 2, "doctor_no": 8, "invoice_no": "H-5020", "patient_no": 2006,
         "stage": "OPEN", "open_cents": 6400},
        {**_dates(calendar, -600), **seen, "invoice_no": "H-3800", "patient_no": 2004, "stage": "CLOSED",
         "open_cents": 0},
    )  # fmt: skip


def lines(calendar: Calendar) -> tuple[Row, ...]:
    """At least one line an invoice; what they add up to is what was billed."""
    visit, panel = {"cpt": "99213", "label": "Office visit"}, {"cpt": "80053", "label": "Metabolic panel"}
    prices = (
        ("H-5001", visit, 15000), ("H-5001", {"cpt": "73562", "modifiers": "RT", "label": "Knee X-ray"}, 4550),
        ("H-4001", panel, 8016), ("H-5002", visit, 15000), ("H-5002", {"label": "Dressing material"}, 16250),
        ("H-4900", visit, 12000), ("H-4950", visit, 12000), ("H-4990", panel, 8016), ("H-3900", visit, 30000),
        ("H-5010", visit, 15000), ("H-3800", visit, 12000),
        ("H-5020", panel, 6400),
    )  # fmt: skip
    service = {row["invoice_no"]: row["service_on"] for row in invoices(calendar)}
    last: Counter[str] = Counter()
    rows: list[Row] = []
    for number, what, cents in prices:
        last[number] += 1
        done = {"done_on": service[number], "cents": cents}
        rows.append({"invoice_no": number, "line": last[number], **done, **what})
    return tuple(rows)


def appointments(calendar: Calendar) -> tuple[Row, ...]:
    """Done, missed, cancelled and to come; Chicago's time."""
    harbor = {"site_no": 1, "doctor_no": 7, "minutes": 20, "reason": "Follow-up", "reason_code": "FU"}
    return (
        {**harbor, "appointment_no": 301, "patient_no": 1001, "starts_at": _at(calendar, -40, "10:20"),
         "progress": "DONE"},
        {**harbor, "appointment_no": 302, "patient_no": 1001, "starts_at": _at(calendar, 18, "09:00"),
         "progress": "PLANNED", "copay_cents": 2500, "copay_paid_cents": 0},
        {**harbor, "appointment_no": 303, "patient_no": 2001, "starts_at": _at(calendar, 25, "13:40"),
         "progress": "CANCELLED"},
        {**harbor, "appointment_no": 304, "patient_no": 2003, "starts_at": _at(calendar, -5, "11:00"),
         "progress": "MISSED", "minutes": None},
        {**harbor, "appointment_no": 305, "patient_no": 2001, "starts_at": _at(calendar, 7, "08:10"),
         "progress": "PLANNED", "copay_cents": 1500, "copay_paid_cents": 1000},
    )  # fmt: skip


def payments(calendar: Calendar) -> tuple[Row, ...]:
    """One for two invoices, one reversed, one for an appointment, one that nothing was found for."""
    return (
        {"payment_no": 9001, "patient_no": 1001, "taken_at": _at(calendar, -380, "15:02:10"), "cents": 8016,
         "tender": "Visa", "last4": "4242"},
        {"payment_no": 9002, "patient_no": 2002, "taken_at": _at(calendar, -45, "09:30:00"), "cents": 10032,
         "tender": "Check"},
        {"payment_no": 9003, "patient_no": 2001, "taken_at": _at(calendar, -20, "12:00:00"), "cents": 5000,
         "tender": "MasterCard", "last4": "4444", "reversed": 1},
        {"payment_no": 9004, "patient_no": 2001, "taken_at": _at(calendar, -2, "17:45:00"), "cents": 1000,
         "tender": "Visa", "last4": "1111", "appointment_no": 305},
        {"payment_no": 9005, "patient_no": 2004, "taken_at": _at(calendar, -570, "10:00:00"), "cents": 12000,
         "tender": "Cash"},
    )  # fmt: skip


PAYMENT_INVOICES: tuple[Row, ...] = (
    {"payment_no": 9001, "invoice_no": "H-4001", "cents": 8016},
    {"payment_no": 9002, "invoice_no": "H-4990", "cents": 10032},
    {"payment_no": 9003, "invoice_no": "H-4900", "cents": 5000},
    {"payment_no": 9005, "invoice_no": "H-3800", "cents": 12000},
)


def _dates(calendar: Calendar, days: int) -> Row:
    service = calendar.day(days)
    issued, due = service + dt.timedelta(days=3), service + dt.timedelta(days=33)
    return {"service_on": str(service), "issued_on": str(issued), "due_on": str(due)}


def _at(calendar: Calendar, days: int, clock: str) -> str:
    return f"{calendar.day(days)} {clock}"
