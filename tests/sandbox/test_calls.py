"""What the simulator remembers of those who ask."""

from __future__ import annotations

import pytest

from fhir_facade.sandbox.athenahealth import Simulator, World
from fhir_facade.sandbox.athenahealth.endpoints import ENDPOINTS, PARAMETERS, VIOLATIONS
from tests.sandbox.conftest import Api


def test_every_call_is_logged_with_its_template_and_its_status(api: Api, simulator: Simulator) -> None:
    api.session.headers["X-Request-Id"] = "r-1"
    api.get("/patients/1001", showbalancedetails="true")
    api.get("/patients/4711")
    first, second = simulator.calls
    assert (first.method, first.template, first.practice) == ("GET", "/patients/{id}", "195900")
    assert (first.path, first.query, first.status) == (
        "/v1/195900/patients/1001", {"showbalancedetails": "true"}, 200,
    )  # fmt: skip
    assert (first.headers["x-request-id"], first.headers["authorization"]) == ("r-1", "Bearer")
    assert second.status == 404


def test_calls_are_counted_by_template_and_practice(api: Api, simulator: Simulator, world: World) -> None:
    world.add_practice("2")
    api.get("/ping")
    api.get("/ping", practice="2")
    api.ask_token()
    assert simulator.count("/ping") == 2
    assert simulator.count("/ping", practice="2") == 1
    assert simulator.count("/oauth2/v1/token") == 1
    simulator.forget()
    assert simulator.count("/ping") == 0


def test_names_in_the_log_have_no_case(api: Api, simulator: Simulator) -> None:
    api.get("/patients/1001/appointments", SHOWPAST="Y", offset="0")
    assert simulator.calls[0].query == {"showpast": "Y", "offset": "0"}


def test_nothing_documented_is_a_surprise(api: Api, world: World) -> None:
    for template, names in PARAMETERS.items():
        api.get(template.replace("{id}", "1001"), **dict.fromkeys(names, "1"))
    assert world.surprises == []
    assert set(ENDPOINTS) == set(PARAMETERS)


def test_a_parameter_that_does_not_exist_is_a_surprise(api: Api, world: World) -> None:
    api.get("/claims", patientid="1001", omitbalances="true")
    assert world.surprises == ["unknown parameter: omitbalances sent to /claims"]


@pytest.mark.parametrize("name", sorted(VIOLATIONS))
def test_what_must_never_be_sent_is_a_violation(api: Api, world: World, name: str) -> None:
    api.get("/patients/1001", **{name: "true"})
    assert world.surprises == [f"violation: {name} sent to /patients/{{id}}"]


def test_a_write_is_a_surprise_and_is_not_served(api: Api, world: World, simulator: Simulator) -> None:
    answer = api.session.post(f"{simulator.base_url}/v1/195900/patients/1001/collectpayment", timeout=10)
    assert answer.status_code == 404
    assert world.surprises == ["not simulated: POST /v1/195900/patients/1001/collectpayment"]
    api.session.post(f"{simulator.base_url}/v1/195900/ping", timeout=10)
    assert len(world.surprises) == 2
