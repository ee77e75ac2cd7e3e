"""What ``check`` prints about a practice."""

from __future__ import annotations

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.sandbox.athenahealth import Practice, Simulator
from tests.backends.athenahealth.conftest import Open


def outcomes(backend: AthenaHealth) -> dict[str, str]:
    return {probe.endpoint: probe.outcome for probe in backend.probe()}


def test_every_endpoint_that_is_read_is_tried_and_no_patient_is_touched(backend: AthenaHealth, sim: Simulator) -> None:
    assert outcomes(backend) == dict.fromkeys(
        [
            "/ping",
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
    [probe] = backend.probe()
    assert (probe.endpoint, probe.outcome) == ("/ping", "refused")
    assert "credentials" in probe.detail


def test_a_practice_that_is_down_says_so_once(open_backend: Open) -> None:
    assert outcomes(open_backend(base_url="http://127.0.0.1:9")) == {"/ping": "unreachable"}


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
