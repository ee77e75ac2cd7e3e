"""Appointments become visits: department-local times become instants, and open slots are nobody's (reference 8.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from fhir_facade.backends.athenahealth import times
from fhir_facade.backends.athenahealth.directory import Names
from fhir_facade.backends.athenahealth.grounds import APPOINTMENT, DEPARTMENT, Table, what_made
from fhir_facade.backends.athenahealth.persons import Row
from fhir_facade.backends.athenahealth.scalars import day, integer, money, text, truth
from fhir_facade.backends.port import Ground
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import Visit, VisitState

OPEN = "o"
STATES = {
    "x": VisitState.CANCELLED,
    "f": VisitState.BOOKED,
    "2": VisitState.CHECKED_IN,
    "3": VisitState.FULFILLED,
    "4": VisitState.FULFILLED,
}

GROUNDS: Table = (
    ("state", APPOINTMENT, "appointmentstatus"),
    ("state", APPOINTMENT, "cancelreasonnoshow"),
    ("start", APPOINTMENT, "date"),
    ("start", APPOINTMENT, "starttime"),
    ("start", APPOINTMENT, "departmentid"),
    ("start", DEPARTMENT, "timezonename"),
    ("start", DEPARTMENT, "doesnotobservedst"),
    ("copay", APPOINTMENT, "copay"),
    ("collected", APPOINTMENT, "appointmentcopay.collectedforappointment"),
)


def visits(rows: Sequence[Row], patient: str, names: Names, surprised: Callable[[str, str], None]) -> tuple[Visit, ...]:
    """The patient's visits.  A time in a department that is not listed has no known zone: its date is kept."""
    found: dict[str, Visit] = {}
    for i, row in enumerate(rows):
        if text(row["appointmentstatus"]) == OPEN:
            continue
        path = f"$.appointments[{i}]"
        if text(row.get("departmentid")) not in names.departments:
            surprised(f"{path}.departmentid", "a listed department")
        visit = _visit(row, patient, names, path)
        found[visit.number] = visit
    return tuple(found.values())


def grounds(own: str, rows: Sequence[Row], patient: str, names: Names) -> Iterator[Ground]:
    """What made the visit ``own`` what it is: the last of its rows, as in the mapping."""
    found = [row for row in rows if text(row["appointmentid"]) == own and text(row["appointmentstatus"]) != OPEN]
    for row in found[-1:]:
        department = names.departments.get(text(row.get("departmentid")))
        yield from what_made(GROUNDS, {APPOINTMENT: [row], DEPARTMENT: [department.row] if department else []})


def _visit(row: Row, patient: str, names: Names, path: str) -> Visit:
    department = text(row.get("departmentid"))
    try:
        return Visit(
            number=text(row["appointmentid"]),
            parts=names.parts(department),
            patient=patient,
            state=_state(row),
            start=_start(row, names),
            minutes=integer(row.get("duration")),
            kind=text(row.get("patientappointmenttypename")) or text(row.get("appointmenttype")),
            kind_code=text(row.get("appointmenttypeid")),
            place=names.place(department),
            practitioner=names.practitioner(text(row.get("providerid"))),
            copay=money(row.get("copay")),
            collected=_collected(row.get("appointmentcopay")),
            chargeable=truth(row.get("chargeentrynotrequired")) is not True,
        )
    except ValueError:
        raise UnexpectedShape(path, "a date that exists") from None


def _state(row: Row) -> VisitState:
    state = STATES[text(row["appointmentstatus"])]
    missed = state is VisitState.CANCELLED and truth(row.get("cancelreasonnoshow")) is True
    return VisitState.NO_SHOW if missed else state


def _start(row: Row, names: Names) -> dt.datetime | dt.date:
    department = names.departments.get(text(row.get("departmentid")))
    start = day(row["date"]) if department is None else times.at(row["date"], row.get("starttime"), department.zone())
    if start is None:
        raise ValueError("no date")
    return start


def _collected(detail: object) -> Decimal | None:
    """Documented as a list of texts, recorded as an object of numbers, and absent where it is not rolled out."""
    return money(detail.get("collectedforappointment")) if isinstance(detail, Mapping) else None
