"""Reference 4: pages."""

from __future__ import annotations

import datetime as dt

import pytest

from fhir_facade.sandbox.athenahealth import Practice, Simulator, World
from tests.sandbox.conftest import Api

PATH = "/patients/1001/appointments"


@pytest.fixture(autouse=True)
def seven(practice: Practice) -> None:
    for number in range(7):
        practice.add_visit(1001, 100 + number, date=dt.date(2026, 4, 1 + number))


def test_next_is_a_relative_path_in_upper_case_without_the_limit(api: Api) -> None:
    answer = api.json(PATH, limit="3", showpast="true", startdate="01/01/2026")
    assert answer["totalcount"] == 7
    assert answer["next"] == "/v1/195900/patients/1001/appointments?SHOWPAST=Y&STARTDATE=01%2F01%2F2026&offset=3"
    assert "previous" not in answer


def test_next_may_keep_the_limit(api: Api, world: World) -> None:
    world.next_with_limit = True
    assert api.json(PATH, limit="3")["next"].endswith("?limit=3&offset=3")


def test_following_next_gives_the_rest_and_then_there_is_none(api: Api, simulator: Simulator) -> None:
    first = api.json(PATH, limit="3")
    rest = api.session.get(simulator.base_url + first["next"], timeout=10).json()
    rows = first["appointments"] + rest["appointments"]
    assert [row["appointmentid"] for row in rows] == [str(100 + number) for number in range(7)]
    assert "next" not in rest
    assert rest["previous"].endswith("offset=0")


def test_pages_may_be_shorter_than_their_limit(api: Api, simulator: Simulator) -> None:
    simulator.fault("short-pages", template="/patients/{id}/appointments", size=2)
    path, found = f"/v1/195900{PATH}?limit=5", 0
    sizes = []
    while path:
        answer = api.session.get(simulator.base_url + path, timeout=10).json()
        sizes.append(len(answer["appointments"]))
        found += sizes[-1]
        path = answer.get("next")
    assert (found, sizes) == (7, [2, 2, 2, 1])


def test_a_limit_that_is_no_number_is_400(api: Api) -> None:
    assert api.get(PATH, limit="many").json()["detailedmessage"] == "Expecting type integer, but value is many"


def test_lists_have_a_default_of_1500(api: Api, practice: Practice) -> None:
    for number in range(1600):
        practice.add_claim(1001, 20000 + number, "1")
    answer = api.json("/claims", patientid="1001")
    assert (len(answer["claims"]), answer["totalcount"]) == (1500, 1600)
