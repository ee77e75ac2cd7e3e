"""A visit → Appointment, and whether it can be paid in advance.  https://hl7.org/fhir/R4/appointment.html"""

from __future__ import annotations

import datetime as dt

from fhir_facade import wire
from fhir_facade.mappers.elements import EXTENSION, UNKNOWN, Body, code, text
from fhir_facade.mappers.scene import Scene
from fhir_facade.payments.amounts import refusal
from fhir_facade.records import Kind, Visit, VisitState

TYPE = "Appointment"
KIND = Kind.VISITS

STATUS = {
    VisitState.BOOKED: "booked",
    VisitState.CHECKED_IN: "checked-in",
    VisitState.FULFILLED: "fulfilled",
    VisitState.CANCELLED: "cancelled",
    VisitState.NO_SHOW: "noshow",
}


def render(visit: Visit, scene: Scene) -> Body:
    """The Appointment; R4's app-1 to app-4 hold, also where the source knows no time or no length."""
    times = _times(visit)
    body: Body = {"resourceType": TYPE, "id": scene.id(TYPE, visit.patient, visit.number)}
    if scene.authority.prepay:
        body["extension"] = [_prepay(visit, scene)]
    body["identifier"] = scene.identifier(TYPE, visit.number)
    body["status"] = STATUS[visit.state]
    kind = _kind(visit, scene)
    if kind:
        body["appointmentType"] = kind
    body |= times
    actors = [scene.patient(visit.patient)]
    if visit.practitioner:
        actors.append(scene.support("Practitioner", visit.practitioner))
    if visit.place:
        actors.append(scene.support("Location", visit.place))
    body["participant"] = [{"actor": actor, "status": "accepted"} for actor in actors]
    if not isinstance(visit.start, dt.datetime):
        day = wire.date(visit.start)
        body["requestedPeriod"] = [{"start": day, "end": day}]
    return body


def _times(visit: Visit) -> Body:
    """Start and end, both present as app-2 and app-3 ask.

    ``start`` is an instant, so a day without a time cannot be one: it is marked unknown, and the day itself is the
    ``requestedPeriod``.  The end is counted in elapsed minutes, not on the clock's face.
    """
    start, minutes = visit.start, visit.minutes
    length = {"minutesDuration": minutes} if minutes and minutes > 0 else {}
    if not isinstance(start, dt.datetime):
        return {"_start": UNKNOWN, "_end": UNKNOWN, **length}
    begins = wire.instant(start)
    if not length:
        return {"start": begins, "_end": UNKNOWN}
    end = start.astimezone(dt.UTC) + dt.timedelta(minutes=length["minutesDuration"])
    return {"start": begins, "end": wire.instant(end.astimezone(start.tzinfo)), **length}


def _kind(visit: Visit, scene: Scene) -> Body:
    """The appointment type, in the source's own code and words; empty where it names none."""
    kind: Body = {}
    value, name = code(visit.kind_code), text(visit.kind)
    if value:
        kind["coding"] = [{"system": scene.system("appointment-type"), "code": value}]
    if name:
        kind["text"] = name
    return kind


def _prepay(visit: Visit, scene: Scene) -> Body:
    """Whether the visit can be paid for now, and what is still expected (production rules, E1)."""
    if not refusal(visit, scene.now) and visit.copay is not None:
        said: list[Body] = [
            {"url": "allowed", "valueBoolean": True},
            {"url": "amount-due", "valueMoney": scene.money(visit.copay, visit.currency)},
        ]
    else:
        said = [{"url": "allowed", "valueBoolean": False}]
    return {"url": f"{EXTENSION}appointment-prepay", "extension": said}
