"""An access to a patient's records → AuditEvent.  https://hl7.org/fhir/R4/auditevent.html

After IHE's Basic Audit Log Patterns, PatientRead and PatientQuery with OAUTHaccessTokenUse, Minimal:
https://profiles.ihe.net/ITI/BALP/content.html
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from fhir_facade import wire
from fhir_facade.audit.entry import Access, Entry, OwnKind
from fhir_facade.mappers.elements import URI_SYSTEM, Body, text
from fhir_facade.mappers.elided import elided
from fhir_facade.mappers.scene import Scene
from fhir_facade.octets import octets
from fhir_facade.search.literal import is_id

TYPE = "AuditEvent"
KIND = OwnKind.ACCESSES


def _coding(system: str, code: str, display: str) -> Body:
    return {"system": system, "code": code, "display": display}


_HL7 = "http://terminology.hl7.org/CodeSystem/"
_BALP = "https://profiles.ihe.net/ITI/BALP/CodeSystem/"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"

_REST = _coding(f"{_HL7}audit-event-type", "rest", "RESTful Operation")
_SOURCE = {"coding": [_coding(_DICOM, "110153", "Source Role ID")]}
_DESTINATION = {"coding": [_coding(_DICOM, "110152", "Destination Role ID")]}
_USER = {
    "coding": [
        _coding(f"{_HL7}v3-ParticipationType", "IRCP", "information recipient"),
        _coding(f"{_BALP}UserAgentTypes", "UserOauthAgent", "User OAuth Agent participant"),
    ]
}
_SERVER = _coding(f"{_HL7}security-source-type", "4", "Application Server")
_PERSON = _coding(f"{_HL7}audit-entity-type", "1", "Person")
_OBJECT = _coding(f"{_HL7}audit-entity-type", "2", "System Object")
_PATIENT = _coding(f"{_HL7}object-role", "1", "Patient")
_RESOURCE = _coding(f"{_HL7}object-role", "4", "Domain Resource")
_QUERY = _coding(f"{_HL7}object-role", "24", "Query")
_REQUEST_ID = {"system": f"{_BALP}BasicAuditEntityType", "code": "XrequestId"}
_IP_ADDRESS, _URI = "2", "5"  # https://hl7.org/fhir/R4/valueset-network-type.html
_UNKNOWN = "unknown"
_URN_OF_TOKEN, _IN_A_URN = (
    "urn:ietf:params:oauth:jti:",
    "!$&'()*+,;=:@/",
)  # https://www.rfc-editor.org/rfc/rfc8141#section-2


class _Pattern(NamedTuple):
    """What BALP writes for an interaction: its action, and which way what is asked for goes."""

    action: str
    client: Body
    server: Body


_PATTERNS: Mapping[str, _Pattern] = {
    "read": _Pattern("R", _DESTINATION, _SOURCE),
    "search-type": _Pattern("E", _SOURCE, _DESTINATION),
}


def render(access: Access, scene: Scene) -> Body:
    """The AuditEvent as its patient may see it: not what the same search said of others."""
    entry, id = access.entry, scene.id(TYPE, access.patient, access.number)
    whole = event(entry, id, scene.base_url, scene.patient(access.patient))
    shown = _query(entry.type, elided(entry.type, entry.query))
    entities = [shown if "query" in each else each for each in whole["entity"]]
    return whole | {"entity": entities}


def event(entry: Entry, id: str, base_url: str, patient: Body | None) -> Body:
    """The whole AuditEvent; ``patient`` is a reference to whom it is about, None where it is about nobody."""
    pattern = _PATTERNS[entry.interaction]
    body: Body = {
        "resourceType": TYPE,
        "id": id,
        "type": _REST,
        "subtype": [_coding(_INTERACTION, entry.interaction, entry.interaction)],
        "action": pattern.action,
        "recorded": wire.instant(instant(entry)),
        "outcome": "0" if entry.status < 400 else "4" if entry.status < 500 else "8",
    }
    if entry.status >= 400:
        body["outcomeDesc"] = f"HTTP {entry.status}"
    return body | {
        "agent": [*_agents(entry, pattern, base_url)],
        "source": {"observer": _itself(base_url), "type": [_SERVER]},
        "entity": [
            *([{"what": patient, "type": _PERSON, "role": _PATIENT}] if patient else []),
            _query(entry.type, entry.query) if entry.interaction == "search-type" else _data(entry, patient),
            *([{"what": {"identifier": {"value": entry.request_id}}, "type": _REQUEST_ID}] if entry.request_id else []),
        ],
    }


def instant(entry: Entry) -> dt.datetime:
    """When it was recorded."""
    seconds, milliseconds = divmod(entry.recorded, 1000)
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=milliseconds * 1000)


def _agents(entry: Entry, pattern: _Pattern, base_url: str) -> list[Body]:
    issuer, client, subject = wire.decode(entry.caller) if entry.caller.startswith("[") else ("", "", "")
    agents: list[Body] = [
        {
            "type": pattern.client,
            "who": {"identifier": {"value": text(client)}} if text(client) else {"display": _UNKNOWN},
            "requestor": not text(subject),
            "network": {"address": text(entry.peer) or _UNKNOWN, "type": _IP_ADDRESS},
        },
        {
            "type": pattern.server,
            "who": _itself(base_url),
            "requestor": False,
            "network": {"address": base_url, "type": _URI},
        },
    ]
    if text(subject):
        user: Body = {"type": _USER, "who": {"identifier": _identifier(text(issuer), text(subject))}, "requestor": True}
        agents.append(user | ({"policy": [_URN_OF_TOKEN + quote(entry.token, _IN_A_URN)]} if entry.token else {}))
    return agents


def _identifier(system: str, value: str) -> Body:
    return {"system": system, "value": value} if system else {"value": value}


def _itself(base_url: str) -> Body:
    return {"identifier": {"system": URI_SYSTEM, "value": base_url}}


def _data(entry: Entry, patient: Body | None) -> Body:
    """What was asked for by its id; a Patient by another id than that of whom it is about is a person, or merged."""
    reference = f"{entry.type}/{entry.id}"
    if is_id(entry.id) and (entry.type != "Patient" or patient is None or patient.get("reference") == reference):
        what: Body = {"reference": reference}
    else:
        what = {"type": entry.type, "identifier": {"value": text(entry.id) or _UNKNOWN}}
    return {"what": what, "type": _OBJECT, "role": _RESOURCE}


def _query(type: str, query: str) -> Body:
    """A search, readable and, as BALP wants it, in base64."""
    searched = f"{type}?{query}"
    encoded = base64.b64encode(octets(searched)).decode()
    return {"type": _OBJECT, "role": _QUERY, "description": text(searched), "query": encoded}
