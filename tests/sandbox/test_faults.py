"""What can be made to go wrong: reference 6, and what networks do."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from fhir_facade.sandbox.athenahealth import Simulator, World
from tests.sandbox.conftest import Api


@pytest.mark.parametrize(
    ("kind", "options", "status", "content_type", "text"),
    [
        ("throttled", {}, 429, "text/xml", "Over Qps"),
        ("forbidden-text", {}, 403, "text/xml", "Over Qps"),
        ("forbidden", {}, 403, "application/json", '"error":'),
        ("unauthorized", {}, 401, "application/json", "Bad auth."),
        ("unauthorized", {"legacy": True}, 401, "text/xml", "Not Authorized"),
        ("not-registered", {}, 404, "application/json", "Service not registered"),
        ("invalid-practice", {}, 404, "application/json", "Invalid practice."),
        ("html", {}, 502, "text/html", "Bad Gateway"),
        ("html", {"status": 503}, 503, "text/html", "Service Unavailable"),
        ("html", {"status": 500}, 500, "text/html", "Internal Server Error"),
        ("json-error", {"status": 500, "text": "Broken."}, 500, "application/json", "Broken."),
        ("failure", {}, 200, "application/json", '"success":false'),
        ("answer", {"status": 418, "body": [1], "content_type": "text/plain"}, 418, "text/plain", "[1]"),
    ],
)
def test_the_vendors_machines_fail_in_their_own_ways(
    api: Api, simulator: Simulator, kind: str, options: dict[str, Any], status: int, content_type: str, text: str
) -> None:
    simulator.fault(kind, **options)
    answer = api.get("/ping")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, content_type)
    assert text in answer.text


def test_a_fault_lasts_so_many_calls(api: Api, simulator: Simulator) -> None:
    simulator.fault("html", times=2)
    assert [api.get("/ping").status_code for _ in range(3)] == [502, 502, 200]


def test_a_fault_lasts_until_reset(api: Api, simulator: Simulator) -> None:
    simulator.fault("html")
    assert [api.get("/ping").status_code for _ in range(3)] == [502, 502, 502]
    simulator.reset()
    assert api.get("/ping").status_code == 200


def test_a_fault_keeps_to_its_template_and_practice(api: Api, simulator: Simulator, world: World) -> None:
    world.add_practice("2")
    simulator.fault("html", template="/ping", practice="2")
    assert api.get("/ping").status_code == 200
    assert api.get("/practiceinfo", practice="2").status_code == 200
    assert api.get("/ping", practice="2").status_code == 502


def test_two_faults_meet(api: Api, simulator: Simulator) -> None:
    simulator.fault("mutate", change=lambda body: body | {"more": 1})
    simulator.fault("malformed")
    assert api.get("/ping").text == '{"pong":"true'[: len('{"pong":"true","more":1}') // 2]


def test_json_breaks_off_in_the_middle(api: Api, simulator: Simulator) -> None:
    simulator.fault("malformed")
    answer = api.get("/patients/1001")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_a_body_is_changed_as_the_test_says(api: Api, simulator: Simulator) -> None:
    simulator.fault("mutate", template="/patients/{id}", change=lambda body: {"patients": body})
    assert api.json("/patients/1001")["patients"][0]["patientid"] == "1001"


def test_a_connection_drops_before_the_answer(api: Api, simulator: Simulator) -> None:
    simulator.fault("drop", times=1)
    with pytest.raises(requests.ConnectionError):
        api.get("/ping")
    assert simulator.calls[0].status is None
    assert api.get("/ping").status_code == 200


def test_a_connection_drops_in_the_middle_of_the_answer(api: Api, simulator: Simulator) -> None:
    simulator.fault("drop", after=4, times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get("/ping")


def test_a_token_ends_in_mid_life(api: Api, simulator: Simulator) -> None:
    simulator.fault("token-expired", times=1)
    assert [api.get("/ping").status_code for _ in range(2)] == [401, 401]
    api.sign_in()
    assert api.get("/ping").status_code == 200


def test_all_tokens_can_be_ended(api: Api, simulator: Simulator) -> None:
    simulator.expire_tokens()
    assert api.get("/ping").status_code == 401


def test_the_token_endpoint_fails_too(stranger: Api, simulator: Simulator) -> None:
    simulator.fault("throttled", template="/oauth2/v1/token", retry_after=7)
    answer = stranger.ask_token()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_an_answer_is_held_until_it_is_released(api: Api, simulator: Simulator) -> None:
    held = simulator.fault("latency", template="/ping")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.get, "/ping")
        assert held.wait()
        assert simulator.calls[0].status is None
        assert not waiting.done()
        held.release()
        assert waiting.result(10).status_code == 200


def test_a_hanging_call_ends_only_with_the_clients_patience(api: Api, simulator: Simulator) -> None:
    hung = simulator.fault("hang", template="/ping")
    with pytest.raises(requests.Timeout):
        api.session.get(f"{simulator.base_url}/v1/195900/ping", timeout=0.05)
    assert hung.met == 1
    assert api.get("/practiceinfo").status_code == 200


def test_reset_breaks_the_calls_that_hang(api: Api, simulator: Simulator) -> None:
    hung = simulator.fault("hang")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.get, "/ping")
        assert hung.wait()
        simulator.reset()
        assert isinstance(waiting.exception(10), requests.ConnectionError)


def test_waiting_for_calls_that_do_not_come_says_so(simulator: Simulator) -> None:
    assert simulator.fault("hang").wait(timeout=0.01) is False


@pytest.mark.parametrize(("kind", "options"), [("gremlin", {}), ("html", {"state": 500}), ("mutate", {})])
def test_a_fault_that_there_is_not_is_refused_at_once(simulator: Simulator, kind: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=kind):
        simulator.fault(kind, **options)
