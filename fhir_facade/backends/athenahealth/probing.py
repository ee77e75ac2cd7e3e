"""What ``check`` and ``doctor`` try: token, quota, clock, every endpoint that is read, the departments' time zones.

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
MOST_SKEW = 60.0  # seconds that our clock may differ
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
    """One line each.  Without a token, or an answer to ``/ping``, the rest would say the same, and is left out."""
    token = probed("token", lambda: f"obtained; {client.tokens.seconds_left(client.deadline())} s left")
    yield token
    if not token.ok:
        return
    yield _quota(client)
    ping = probed(endpoints.PING.template, lambda: client.ping(client.deadline()))
    yield ping
    if not ping.ok:
        return
    yield _clock(client)
    for endpoint in _LISTS:
        yield _tried(client, endpoint, {})
    yield _departments(directory, client)
    for endpoint, query in _OF_PATIENTS:
        yield _tried(client, endpoint, query)
    yield _receipts(directory, client)


def _quota(client: Client) -> Probe:
    left = client.quota.left_today()
    if left is None:
        return Probe("quota", "ok", "no limit set")
    if left == 0:
        return Probe("quota", "throttled", "no reads are left today; raise rate.per_day, or wait for midnight GMT")
    return Probe("quota", "ok", f"{left} reads are left today, which ends at midnight GMT")


def _clock(client: Client) -> Probe:
    """Our clock held against the ``Date`` of the answer to ``/ping``."""
    if client.ahead is None:
        return Probe("clock", "ok", "the practice does not tell its own time")
    seconds = round(client.ahead)
    told = f"{abs(seconds)} s {'behind' if seconds < 0 else 'ahead of'} athenahealth's"
    if abs(client.ahead) < MOST_SKEW:
        return Probe("clock", "ok", told)
    return Probe("clock", "misconfigured", f"{told}; set this machine's clock, and keep it by NTP")


def _tried(client: Client, endpoint: Endpoint, query: Query) -> Probe:
    def ask() -> None:
        client.get(endpoint, client.deadline(), NOBODY, query)

    return probed(endpoint.template, ask, endpoint.optional)


def _receipts(directory: Directory, client: Client) -> Probe:
    def ask() -> None:
        department = next(iter(directory.departments(client.deadline())), "1")
        client.get(endpoints.RECEIPTS, client.deadline(), NOBODY, {"departmentid": department})

    return probed(endpoints.RECEIPTS.template, ask)


def _departments(directory: Directory, client: Client) -> Probe:
    def ask() -> None:
        for each in directory.departments(client.deadline()).values():
            try:
                each.zone()
            except UnexpectedShape:
                raise UnexpectedShape(f"department {each.place.number}, timezonename", "a known time zone") from None

    return probed(endpoints.DEPARTMENTS.template, ask)


def probed(template: str, ask: Callable[[], str | None], optional: bool = False) -> Probe:
    """What ``ask`` says of a good outcome, or how it failed."""
    said: str | None = None
    try:
        said = ask()
    except NoSuchRecord:
        pass
    except SourceError as fault:
        outcome = _outcome(fault)
        if optional and outcome in ("not enabled", "refused"):
            return Probe(template, "not enabled", "what it would add is left out of the answers", optional=True)
        return Probe(template, outcome, f"{fault}; {_CURES[outcome]}")
    return Probe(template, "ok", said or "")


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
