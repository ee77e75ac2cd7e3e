"""What ``check`` and ``doctor`` try: the token, every endpoint that is read, the departments' time zones.

Endpoints of a patient are asked about number 0, whom nobody is: "no such record" proves that the endpoint is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fhir_facade.backends.athenahealth import endpoints
from fhir_facade.backends.athenahealth.answers import NoSuchRecord, SiteFault
from fhir_facade.backends.athenahealth.client import Client, Query
from fhir_facade.backends.athenahealth.directory import Directory
from fhir_facade.backends.athenahealth.endpoints import Endpoint
from fhir_facade.backends.port import Probe
from fhir_facade.errors import Refused, SourceError, Throttled, TimedOut, UnexpectedShape

NOBODY = "0"
_LISTS = (endpoints.PRACTICE_INFO, endpoints.PROVIDERS)
_OF_PATIENTS: tuple[tuple[Endpoint, Query], ...] = (
    (endpoints.PATIENT, {"confidentialitycode": "N"}),
    (endpoints.PATIENTS_APPOINTMENTS, {}),
    (endpoints.CLAIMS, {"patientid": NOBODY}),
    (endpoints.CLAIM, {}),
    (endpoints.APPOINTMENT, {"confidentialitycode": "N"}),
)
_CURES = {
    "not enabled": "ask athenahealth to enable the endpoint for this practice and client",
    "refused": "check the credentials, and that the client may use this practice",
    "unreachable": "check base_url, the network and athenahealth's status page",
    "timed out": "check the network, or raise deadline_seconds",
    "throttled": "wait, or ask athenahealth for a larger quota and set rate",
    "unexpected answer": "something else than athenahealth answered, or its format changed",
}


def probes(client: Client, directory: Directory) -> Iterator[Probe]:
    """One line an endpoint.  Without an answer to ``/ping`` the rest would say the same, and is left out."""
    ping = _probe(endpoints.PING.template, lambda: client.ping(client.deadline()))
    yield ping
    if not ping.ok:
        return
    for endpoint in _LISTS:
        yield _tried(client, endpoint, {})
    yield _departments(directory, client)
    for endpoint, query in _OF_PATIENTS:
        yield _tried(client, endpoint, query)
    yield _receipts(directory, client)


def _tried(client: Client, endpoint: Endpoint, query: Query) -> Probe:
    def ask() -> object:
        return client.get(endpoint, client.deadline(), NOBODY, query)

    return _probe(endpoint.template, ask, endpoint.optional)


def _receipts(directory: Directory, client: Client) -> Probe:
    def ask() -> object:
        department = next(iter(directory.departments(client.deadline())), "1")
        return client.get(endpoints.RECEIPTS, client.deadline(), NOBODY, {"departmentid": department})

    return _probe(endpoints.RECEIPTS.template, ask)


def _departments(directory: Directory, client: Client) -> Probe:
    def ask() -> None:
        for each in directory.departments(client.deadline()).values():
            try:
                each.zone()
            except UnexpectedShape:
                raise UnexpectedShape(f"department {each.place.number}, timezonename", "a known time zone") from None

    return _probe(endpoints.DEPARTMENTS.template, ask)


def _probe(template: str, ask: Callable[[], object], optional: bool = False) -> Probe:
    try:
        ask()
    except NoSuchRecord:
        pass
    except SourceError as fault:
        outcome = _outcome(fault)
        if optional and outcome in ("not enabled", "refused"):
            return Probe(template, "not enabled", "what it would add is left out of the answers", optional=True)
        return Probe(template, outcome, f"{fault}; {_CURES[outcome]}")
    return Probe(template, "ok")


def _outcome(fault: SourceError) -> str:
    if isinstance(fault, SiteFault) and fault.switched_off:
        return "not enabled"
    table: tuple[tuple[type[SourceError], str], ...] = (
        (Refused, "refused"),
        (TimedOut, "timed out"),
        (UnexpectedShape, "unexpected answer"),
        (Throttled, "throttled"),
    )
    return next((outcome for kind, outcome in table if isinstance(fault, kind)), "unreachable")
