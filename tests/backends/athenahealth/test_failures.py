"""What goes wrong on the way, and what the caller is told (production rules B2, B4, B8, B9)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.athenahealth.breaker import FAILURES
from fhir_facade.backends.athenahealth.client import TRIES, Client
from fhir_facade.backends.athenahealth.configuration import configure
from fhir_facade.backends.athenahealth.endpoints import PING
from fhir_facade.backends.port import Context
from fhir_facade.errors import (
    Refused,
    Resting,
    SourceError,
    Throttled,
    TimedOut,
    UnexpectedShape,
    Unreachable,
)
from fhir_facade.events import Event
from fhir_facade.sandbox.athenahealth import Practice, Simulator
from tests.backends.athenahealth.conftest import ANNA, Clock, Heard, Open

PATIENT, CLAIMS, VISITS = "/patients/{id}", "/claims", "/patients/{id}/appointments"


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("html", {"status": 502}, Unreachable),
        ("html", {"status": 404}, Unreachable),
        ("html", {"status": 200}, Unreachable),
        ("json-error", {"status": 500}, Unreachable),
        ("drop", {}, Unreachable),
        ("drop", {"after": 20}, Unreachable),
        ("malformed", {}, Unreachable),
        ("not-registered", {}, Refused),
        ("invalid-practice", {}, Refused),
        ("forbidden", {}, Refused),
        ("unauthorized", {}, Refused),
        ("unauthorized", {"legacy": True}, Refused),
        ("failure", {}, Refused),
        ("throttled", {}, Throttled),
        ("forbidden-text", {}, Throttled),
        ("answer", {"body": b'"Invalid PROVIDERID input"'}, UnexpectedShape),
        ("answer", {"body": b"[{}]"}, UnexpectedShape),
    ],
)
def test_a_failure_is_a_failure_of_every_kind_and_never_an_empty_answer(
    ready: AthenaHealth, sim: Simulator, kind: str, options: dict[str, Any], error: type[SourceError]
) -> None:
    sim.fault(kind, **options)
    with pytest.raises(error) as raised:
        ready.bills(ANNA)
    assert "1001" not in f"{raised.value} {raised.value.diagnostics}"


def test_bills_fail_where_only_the_claims_do(ready: AthenaHealth, sim: Simulator) -> None:
    sim.fault("json-error", template=CLAIMS, status=500)
    with pytest.raises(Unreachable):
        ready.bills(ANNA)


def test_a_site_that_is_not_there_is_unreachable(open_backend: Open) -> None:
    with pytest.raises(Unreachable) as raised:
        open_backend(base_url="http://127.0.0.1:9").bills(ANNA)
    assert raised.value.__suppress_context__  # its text would hold the URL


def test_a_read_that_failed_in_passing_is_tried_again(ready: AthenaHealth, sim: Simulator, heard: Heard) -> None:
    sim.fault("html", template=PATIENT, status=503, times=2)
    assert ready.person(ANNA) is not None
    assert sim.count(PATIENT) == 3
    assert [facts["attempt"] for facts in heard.of(Event.SOURCE_CALLED)][-3:] == [1, 2, 3]


@pytest.mark.parametrize("kind", ["forbidden", "not-registered", "invalid-practice", "throttled", "forbidden-text"])
def test_a_4xx_is_never_tried_again(ready: AthenaHealth, sim: Simulator, kind: str) -> None:
    sim.fault(kind, template=PATIENT)
    with pytest.raises(SourceError):
        ready.person(ANNA)
    assert sim.count(PATIENT) == 1


def test_one_deadline_ends_a_hung_fetch(open_backend: Open, sim: Simulator) -> None:
    backend = open_backend(deadline_seconds=0.3)
    backend.places()
    sim.fault("hang", template=PATIENT)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        backend.bills(ANNA)
    assert time.monotonic() - started < 2
    assert sim.count(PATIENT) == 1


def test_the_deadline_is_over_all_tries_and_pages(open_backend: Open, sim: Simulator, practice: Practice) -> None:
    backend = open_backend(deadline_seconds=0.4)
    backend.places()
    for number in range(40):
        practice.add_claim(1001, 9300 + number, "1", 0)
    sim.fault("short-pages", size=1)
    sim.fault("latency", template=CLAIMS, seconds=0.05)
    with pytest.raises(TimedOut):
        backend.bills(ANNA)


def test_a_next_page_elsewhere_is_not_followed(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "1", 0)
    for link in ("https://evil.example.org/v1/195900/claims", "/v1/1/claims?offset=1", "/v1/195900/patients/1002"):
        fault = sim.fault("mutate", template=CLAIMS, change=lambda body, link=link: body | {"next": link})
        with pytest.raises(UnexpectedShape) as raised:
            ready.bills(ANNA)
        assert raised.value.path == "$.next"
        assert fault.met == 1
        sim.reset()


def test_a_next_page_that_leads_in_a_circle_ends(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "1", 0)
    circle = "/v1/195900/claims?PATIENTID=1001&offset=1"
    sim.fault("mutate", template=CLAIMS, change=lambda body: body | {"next": circle})
    with pytest.raises(UnexpectedShape):
        ready.bills(ANNA)
    assert sim.count(CLAIMS) == 2


def test_rows_that_the_source_counts_and_does_not_send_are_told(
    ready: AthenaHealth, sim: Simulator, heard: Heard
) -> None:
    sim.fault("mutate", template=CLAIMS, change=lambda body: body | {"totalcount": 3})
    ready.bills(ANNA)
    assert [(facts["path"], facts["expected"]) for facts in heard.of(Event.SOURCE_SURPRISED)] == [
        ("$.totalcount", "as many rows as are counted")
    ]


Change = Callable[[Any], Any]


def _dateless(body: Any) -> Any:
    return {"appointments": [row | {"date": "02/30/2026"} for row in body["appointments"]]}


@pytest.mark.parametrize(
    ("ask", "endpoint", "change", "path", "expected"),
    [
        ("person", PATIENT, lambda body: [{}], "$[0]", "required patientid"),
        ("person", PATIENT, lambda body: body * 2, "$[1]", "one patient"),
        ("person", PATIENT, lambda body: [body[0] | {"dob": "02/30/1980"}], "$[0]", "dates that exist"),
        ("bills", CLAIMS, lambda body: body | {"next": "/v1/1/claims"}, "$.next", "the next page of the same list"),
        ("visits", VISITS, _dateless, "$.appointments[0]", "a date that exists"),
        ("visits", "/departments", lambda body: {"departments": {}}, "$.departments", "type array"),
    ],
)
def test_a_surprise_is_told_once_with_its_path_and_what_was_expected(
    backend: AthenaHealth,
    sim: Simulator,
    practice: Practice,
    heard: Heard,
    ask: str,
    endpoint: str,
    change: Change,
    path: str,
    expected: str,
) -> None:
    practice.add_visit(1001, 985001, date=dt.date(2026, 3, 2))
    sim.fault("mutate", template=endpoint, change=change)
    with pytest.raises(UnexpectedShape) as raised:
        getattr(backend, ask)(ANNA)
    assert (raised.value.path, raised.value.expected) == (path, expected)
    assert heard.of(Event.SOURCE_SURPRISED) == [
        {"billing_system": "athena", "endpoint": endpoint, "path": path, "expected": expected}
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("not-registered", "/patients/{id} answered 404, in plain text"),
        ("invalid-practice", "/patients/{id} answered 404"),
        ("forbidden", "/patients/{id} answered 403"),
        ("unauthorized", "/patients/{id} answered 401"),
    ],
)
def test_a_fault_of_the_site_is_told(ready: AthenaHealth, sim: Simulator, heard: Heard, kind: str, said: str) -> None:
    sim.fault(kind, template=PATIENT)
    with pytest.raises(Refused):
        ready.person(ANNA)
    assert [facts["said"] for facts in heard.of(Event.SOURCE_MISCONFIGURED)] == [said]


def test_a_throttled_practice_is_left_alone_for_a_moment(ready: AthenaHealth, sim: Simulator, heard: Heard) -> None:
    sim.fault("throttled", times=1, retry_after=3600)
    with pytest.raises(Throttled) as first:
        ready.person(ANNA)
    with pytest.raises(Throttled) as second:
        ready.person(ANNA)
    assert first.value.headers == {"Retry-After": "60"}
    assert 0 < second.value.retry_after <= 60
    assert sim.count(PATIENT) == 1
    assert [facts["seconds"] for facts in heard.of(Event.SOURCE_THROTTLED)] == [60]


def test_a_good_answer_makes_the_next_pause_short_again(
    settings: dict[str, Any], context: Context, sim: Simulator, clock: Clock, heard: Heard
) -> None:
    client = Client(configure(settings), context, pause=clock.forward, clock=clock.seconds)
    for faults in (2, 1):
        sim.fault("throttled", template="/ping", times=faults)
        for _ in range(faults):
            with pytest.raises(Throttled) as raised:
                client.get(PING, client.deadline())
            clock.forward(raised.value.retry_after)
        client.get(PING, client.deadline())
    client.close()
    assert [facts["seconds"] for facts in heard.of(Event.SOURCE_THROTTLED)] == [1, 2, 1]


def test_the_pauses_between_tries_are_short_and_jittered(
    settings: dict[str, Any], context: Context, sim: Simulator, clock: Clock
) -> None:
    pauses: list[float] = []
    client = Client(configure(settings), context, pause=pauses.append, clock=clock.seconds)
    sim.fault("html", status=503, template="/ping")
    for _ in range(2):
        with pytest.raises(Unreachable):
            client.get(PING, client.deadline())
    client.close()
    assert len(set(pauses)) == 4
    assert all(0 <= pause <= 1 for pause in pauses)


def test_the_circuit_breaker_opens_answers_at_once_and_closes_on_the_first_good_answer(
    ready: AthenaHealth, sim: Simulator, heard: Heard
) -> None:
    sim.fault("html", status=500)
    for _ in range(FAILURES):
        with pytest.raises(Unreachable):
            ready.person(ANNA)
    sim.forget()
    with pytest.raises(Resting) as resting:
        ready.person(ANNA)
    assert 1 <= resting.value.retry_after <= 5
    assert sim.calls == []
    sim.reset()
    ready.ping()
    assert ready.person(ANNA) is not None
    assert len(heard.of(Event.BREAKER_OPENED)) == len(heard.of(Event.BREAKER_CLOSED)) == 1


def test_the_directory_outlives_a_failure(backend: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5", provider="27")
    backend.bills(ANNA)
    sim.fault("html", template="/departments", status=500)
    sim.fault("html", template="/providers", status=500)
    assert [bill.practitioner for bill in backend.bills(ANNA)] == ["27"]


def test_bills_are_there_while_the_providers_names_are_not(
    backend: AthenaHealth, sim: Simulator, practice: Practice
) -> None:
    practice.add_claim(1001, 9301, "225", "85.5", provider="27")
    sim.fault("html", template="/providers", status=500)
    for _ in range(3):
        assert [bill.practitioner for bill in backend.bills(ANNA)] == [""]
    assert sim.count("/providers") == TRIES  # asked for once, and then not again for a while
    with pytest.raises(Unreachable):
        backend.practitioners()


def test_without_departments_there_are_no_bills(backend: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    sim.fault("html", template="/departments", status=500)
    with pytest.raises(Unreachable):
        backend.bills(ANNA)


def test_one_practice_that_hangs_does_not_slow_another(open_backend: Open, sim: Simulator) -> None:
    other = sim.world.add_practice(1)
    other.add_department(1)
    other.add_patient(1001)
    hung, well = open_backend(deadline_seconds=5), open_backend(practice_id="1")
    for backend in (well, hung):
        backend.places()
    fault = sim.fault("hang", practice="195900")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(hung.person, ANNA)
        assert fault.wait()
        assert well.person(ANNA) is not None
        assert not waiting.done()
        sim.reset()


def test_no_event_names_a_person(ready: AthenaHealth, sim: Simulator, practice: Practice, heard: Heard) -> None:
    practice.add_claim(1001, 9301, "225.25", "85.55")
    practice.add_receipt(1001, 3800, "9.01", requested="07/09/2025 11:40:34")
    for kind in ("answer", "forbidden", "html", "mutate"):
        options: dict[str, Any] = {"change": lambda body: [{"x": 1}]} if kind == "mutate" else {}
        sim.fault(kind, template=PATIENT, **options)
        with pytest.raises(SourceError):
            ready.bills(ANNA)
        sim.reset()
    for ask in (ready.bills, ready.payments, ready.visits):
        ask(ANNA)
    told = " ".join(str(facts) for _, facts in heard)
    for secret in ("1001", "9301", "3800", "Anna", "Vogel", "225.25", "85.55", "9.01", sim.world.client_secret):
        assert secret not in told
