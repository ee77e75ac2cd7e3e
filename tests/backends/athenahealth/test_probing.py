"""What ``check`` prints about a practice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import requests

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.athenahealth.client import Client
from fhir_facade.backends.athenahealth.configuration import configure
from fhir_facade.backends.athenahealth.wire import Wire
from fhir_facade.backends.port import Context
from fhir_facade.clock import utcnow
from fhir_facade.sandbox.athenahealth import Practice, Simulator
from fhir_facade.state.memory import MemoryStore
from tests.backends.athenahealth.conftest import ANNA, Heard, Open


@pytest.fixture
def context(store: MemoryStore, heard: Heard) -> Context:
    """The simulator's answers carry the present time, and our clock is right."""
    return Context("athena", store, utcnow, heard)


def late(seconds: float) -> Callable[[], dt.datetime]:
    return lambda: utcnow() + dt.timedelta(seconds=seconds)


def detail(backend: AthenaHealth, endpoint: str) -> tuple[str, str]:
    (found,) = [(probe.outcome, probe.detail) for probe in backend.probe() if probe.endpoint == endpoint]
    return found


def outcomes(backend: AthenaHealth) -> dict[str, str]:
    return {probe.endpoint: probe.outcome for probe in backend.probe()}


def test_every_endpoint_that_is_read_is_tried_and_no_patient_is_touched(backend: AthenaHealth, sim: Simulator) -> None:
    assert outcomes(backend) == dict.fromkeys(
        [
            "token",
            "quota",
            "/ping",
            "clock",
            "/practiceinfo",
            "/providers",
            "/departments",
            "/patients/{id}",
            "/patients/{id}/appointments",
            "/claims",
            "/claims/{id}",
            "/appointments/{id}",
            "/patients/{id}/receipts",
        ],
        "ok",
    )
    assert all("/1" not in call.path.removeprefix("/v1/") for call in sim.calls)
    assert {call.query["patientid"] for call in sim.calls if call.template == "/claims"} == {"0"}


def test_an_endpoint_that_is_not_enabled_is_named_and_only_some_can_be_done_without(
    backend: AthenaHealth, practice: Practice
) -> None:
    practice.not_enabled |= {"/appointments/{id}", "/providers", "/claims"}
    off = {probe.endpoint: probe.ok for probe in backend.probe() if probe.outcome == "not enabled"}
    assert off == {"/appointments/{id}": True, "/providers": True, "/claims": False}


def test_a_practice_that_refuses_says_so_once(backend: AthenaHealth, practice: Practice) -> None:
    practice.authorized = False
    *before, probe = backend.probe()
    assert {each.endpoint: each.outcome for each in before} == {"token": "ok", "quota": "ok"}
    assert (probe.endpoint, probe.outcome) == ("/ping", "refused")
    assert "credentials" in probe.detail


def test_a_practice_that_is_down_says_so_once(open_backend: Open) -> None:
    assert outcomes(open_backend(base_url="http://127.0.0.1:9")) == {"token": "unreachable"}


def test_a_token_is_obtained_once_and_its_seconds_are_told(backend: AthenaHealth, sim: Simulator) -> None:
    outcome, said = detail(backend, "token")
    assert outcome == "ok"
    assert said in ("obtained; 3600 s left", "obtained; 3599 s left")
    assert sim.count("/oauth2/v1/token") == 1


def test_refused_credentials_are_told_with_their_cure_and_nothing_more(open_backend: Open, sim: Simulator) -> None:
    [probe] = open_backend(client_secret="another").probe()
    assert (probe.endpoint, probe.outcome) == ("token", "refused")
    assert "check the credentials" in probe.detail
    assert {call.template for call in sim.calls} == {"/oauth2/v1/token"}


@pytest.mark.parametrize(
    ("seconds", "outcome", "words"),
    [
        (0, "ok", "ahead of"),
        (57, "ok", "ahead of"),
        (-55, "ok", "behind"),
        (62, "misconfigured", "ahead of athenahealth's; set this machine's clock"),
        (-3600, "misconfigured", "behind athenahealth's; set this machine's clock"),
    ],
)
def test_a_clock_that_is_a_minute_wrong_is_a_fault_with_its_cure(
    open_backend: Open, context: Context, seconds: float, outcome: str, words: str
) -> None:
    wrong = Context("athena", context.store, late(seconds), context.event)
    found, said = detail(open_backend(wrong), "clock")
    assert (found, words in said) == (outcome, True), said


def test_a_practice_that_tells_no_time_is_believed(settings: dict[str, Any], context: Context) -> None:
    def timeless(response: requests.Response, **options: Any) -> None:
        response.headers.pop("Date")

    configuration = configure(settings)
    with requests.Session() as session:
        session.hooks["response"].append(timeless)
        client = Client(configuration, context, Wire(configuration.base_url, 1, session))
        with closing(AthenaHealth(configuration, context, client)) as backend:
            assert detail(backend, "clock") == ("ok", "the practice does not tell its own time")


def test_without_a_rate_there_is_no_quota_to_tell(backend: AthenaHealth) -> None:
    assert detail(backend, "quota") == ("ok", "no limit set")


def test_what_is_left_of_the_day_is_told_as_all_have_counted_it(open_backend: Open) -> None:
    for _ in range(3):  # three processes
        open_backend(rate={"per_day": 100}).person(ANNA)
    backend = open_backend(rate={"per_day": 100})
    assert detail(backend, "quota") == ("ok", "87 reads are left today, which ends at midnight GMT")


def test_a_day_that_is_spent_is_told_before_what_it_stops(open_backend: Open) -> None:
    backend = open_backend(rate={"per_day": 2})
    backend.ping()
    assert outcomes(backend) == {"token": "ok", "quota": "throttled", "/ping": "throttled"}
    assert "rate.per_day" in detail(backend, "quota")[1]


def test_an_endpoint_that_is_refused(backend: AthenaHealth, sim: Simulator) -> None:
    sim.fault("forbidden", template="/patients/{id}")
    assert outcomes(backend)["/patients/{id}"] == "refused"


def test_an_endpoint_that_answers_something_else(backend: AthenaHealth, sim: Simulator) -> None:
    sim.fault("answer", template="/practiceinfo", body=b"[]")
    assert outcomes(backend)["/practiceinfo"] == "unexpected answer"


def test_an_endpoint_that_hangs(open_backend: Open, sim: Simulator) -> None:
    backend = open_backend(deadline_seconds=0.3)
    sim.fault("hang", template="/patients/{id}/receipts")
    assert outcomes(backend)["/patients/{id}/receipts"] == "timed out"


def test_an_unknown_time_zone_is_a_fault(backend: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.departments["21"].zone = None
    [probe] = [probe for probe in backend.probe() if not probe.ok]
    assert probe.endpoint == "/departments"
    assert "department 21" in probe.detail
