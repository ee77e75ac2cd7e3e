"""Appointments: thin rows of a patient, full rows by number or between dates (reference 8.4)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from fhir_facade.sandbox.athenahealth.answers import NO_SUCH_ID, Refusal
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.endpoints.patients import find_unrestricted
from fhir_facade.sandbox.athenahealth.forms import day, eastern, integer, money, present
from fhir_facade.sandbox.athenahealth.pages import LARGE, page
from fhir_facade.sandbox.athenahealth.visits import AppointmentCopay, Visit


def of_patient(ask: Ask) -> dict[str, Any]:
    """Future ones only, unless ``showpast``; cancelled ones only with ``showcancelled``."""
    known = find_unrestricted(ask, ask.number)
    rows = sorted(filter(_shown_by(ask), known.visits), key=_by_start, reverse=ask.text("sortorder") == "desc")
    return page(ask, "appointments", rows, lambda visit: _thin(ask, visit))


def appointment(ask: Ask) -> list[dict[str, Any]]:
    """A one-element array, with ``patientid``."""
    visit = ask.practice.visits.get(ask.number)
    if visit is None:
        raise Refusal(NO_SUCH_ID)
    return [_full(ask, visit)]


def booked(ask: Ask) -> dict[str, Any]:
    """Appointments with a patient between two dates, both required."""
    ask.require("startdate", "enddate")
    first, last = ask.day("startdate") or dt.date.min, ask.day("enddate") or dt.date.max
    between = [visit for visit in ask.practice.visits.values() if first <= visit.date <= last]
    rows = [visit for visit in between if visit.patient is not None and _booked(ask, visit)]
    return page(ask, "appointments", sorted(rows, key=_by_start), lambda visit: _full(ask, visit), LARGE)


def _shown_by(ask: Ask) -> Any:
    today, first, last = _today(ask), ask.day("startdate"), ask.day("enddate")
    past, cancelled = ask.flag("showpast"), ask.flag("showcancelled")

    def shown(visit: Visit) -> bool:
        return (
            (past or visit.date >= today(visit.department))
            and (cancelled or visit.status != "x")
            and (first is None or visit.date >= first)
            and (last is None or visit.date <= last)
        )

    return shown


def _today(ask: Ask) -> Any:
    now, departments = ask.world.now(), ask.practice.departments

    def today(department: str) -> dt.date:
        known = departments.get(department)
        return now.astimezone(ZoneInfo(known.zone if known and known.zone else "US/Eastern")).date()

    return today


def _booked(ask: Ask, visit: Visit) -> bool:
    wanted = {
        "departmentid": visit.department,
        "patientid": visit.patient,
        "providerid": visit.provider,
        "appointmentstatus": visit.status,
        "appointmenttypeid": visit.type_id,
    }
    return (
        (visit.status != "x" or ask.flag("showcancelled"))
        and all(ask.text(name) in (None, value) for name, value in wanted.items())
        and (ask.flag("ignorerestrictions") or not _hidden(ask, visit))
    )


def _hidden(ask: Ask, visit: Visit) -> bool:
    known = ask.practice.find(visit.patient or "")
    return known is not None and known.hidden(ask.text("confidentialitycode"))


def _by_start(visit: Visit) -> tuple[dt.date, str, int]:
    return visit.date, visit.start, int(visit.number)


def _thin(ask: Ask, visit: Visit) -> dict[str, Any]:
    """What a patient's list tells: no ``patientid``, nothing about a cancellation."""
    forms = ask.forms
    return present(
        date=day(visit.date),
        copay=money(visit.copay) if ask.flag("showcopay", default=True) else None,
        duration=None if visit.minutes is None else forms.minutes(visit.minutes, visit.number),
        appointmenttypeid=forms.quoted(visit.type_id),
        appointmentid=forms.quoted(visit.number),
        appointmenttype=visit.type,
        starttime=visit.start,
        patientappointmenttypename=visit.patient_type,
        departmentid=forms.quoted(visit.department),
        providerid=forms.quoted(visit.provider),
        appointmentstatus=visit.status,
        useexpectedprocedurecodes=[] if ask.flag("showexpectedprocedurecodes") else None,
    )


def _full(ask: Ask, visit: Visit) -> dict[str, Any]:
    forms, cancelled = ask.forms, visit.status == "x"
    return _thin(ask, visit) | present(
        patientid=forms.quoted(visit.patient),
        renderingproviderid=integer(visit.provider),
        appointmentcopay=_copay(visit.copay_detail) if ask.flag("showcopay", default=True) else None,
        chargeentrynotrequired=visit.charge_entry_not_required,
        scheduleddatetime=eastern(visit.scheduled),
        cancelreasonname=visit.cancel_reason if cancelled else None,
        cancelreasonnoshow=forms.quoted_flag(visit.no_show) if cancelled else None,
        coordinatorenterprise=False,
        templateappointmentid=forms.quoted(visit.number),
        templateappointmenttypeid=forms.quoted(visit.type_id),
        hl7providerid=integer(visit.provider),
    )


def _copay(copay: AppointmentCopay | None) -> dict[str, Any] | None:
    if copay is None:
        return None
    return {
        "insurancecopay": money(copay.insurance),
        "collectedforappointment": money(copay.collected_for_appointment),
        "collectedforother": money(copay.collected_for_other),
    }
