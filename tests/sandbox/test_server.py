"""The socket: connections are kept, many at once, and all end with the simulator."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from fhir_facade.sandbox.athenahealth import Practice, Simulator, World
from tests.sandbox.conftest import Api


def test_a_connection_is_kept_from_call_to_call(simulator: Simulator) -> None:
    with urllib3.connection_from_url(simulator.base_url) as pool:
        for path in ("/v1/195900/ping", "/oauth2/v1/token", "/nothing"):
            pool.request("POST", path, body=b"x=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert (pool.num_connections, pool.num_requests) == (1, 3)


def test_two_hundred_clients_are_served_at_once(simulator: Simulator, stranger: Api) -> None:
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=200)
    stranger.session.mount("http://", adapter)
    stranger.sign_in()
    held = simulator.fault("latency", template="/ping")
    with ThreadPoolExecutor(200) as pool:
        answers = [pool.submit(stranger.get, "/ping") for _ in range(200)]
        assert held.wait(200)
        held.release()
        assert {answer.result(20).status_code for answer in answers} == {200}


def test_a_frozen_world_answers_the_same_without_looking_again(api: Api, world: World, practice: Practice) -> None:
    before = api.get("/patients/1001")
    world.frozen = True
    assert api.get("/patients/1001").content == before.content
    practice.patients["1001"].last = "Other"
    assert api.get("/patients/1001").content == before.content
    assert api.get("/patients/1001", showbalancedetails="true").json()[0]["lastname"] == "Other"
    world.frozen = False
    assert api.get("/patients/1001").json()[0]["lastname"] == "Other"


def test_a_client_that_waits_is_cut_off_when_the_simulator_ends(world: World) -> None:
    with requests.Session() as session, ThreadPoolExecutor() as pool:
        with Simulator(world) as simulator:
            client = Api(simulator, session)
            client.sign_in()
            hung = simulator.fault("hang")
            waiting = pool.submit(client.get, "/ping")
            assert hung.wait()
        assert isinstance(waiting.exception(10), requests.ConnectionError)


def test_the_simulator_leaves_no_thread_behind(world: World) -> None:
    before = threading.active_count()
    with requests.Session() as session, Simulator(world) as simulator:
        Api(simulator, session).sign_in()
        assert threading.active_count() > before
    assert threading.active_count() == before


def test_after_its_end_nobody_answers(world: World) -> None:
    with Simulator(world) as simulator:
        url = simulator.base_url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
