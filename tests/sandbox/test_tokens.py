"""Reference 2: two-legged tokens."""

from __future__ import annotations

import pytest

from fhir_facade.sandbox.athenahealth import World
from tests.sandbox.conftest import Api, Clock


def test_client_credentials_buy_a_bearer_token_for_an_hour(stranger: Api) -> None:
    answer = stranger.ask_token().json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    assert answer["scope"] == "athena/service/Athenanet.MDP.*"


def test_the_lifetime_may_be_a_string(stranger: Api, world: World) -> None:
    world.expires_as_text = True
    assert stranger.ask_token().json()["expires_in"] == "3600"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"auth": ("sandbox-client", "wrong")}, 401),
        ({"auth": None}, 401),
        ({"headers": {"Authorization": "Basic ?"}, "auth": None}, 401),
        ({"data": {"grant_type": "password", "scope": "athena/service/Athenanet.MDP.*"}}, 400),
        ({"data": {"grant_type": "client_credentials"}}, 400),
    ],
)
def test_nothing_else_buys_one(stranger: Api, change: dict[str, object], status: int) -> None:
    assert stranger.ask_token(**change).status_code == status


def test_preview_gives_five_a_minute_and_429_until_the_minute_ends(stranger: Api, world: World, clock: Clock) -> None:
    world.tokens_per_minute = 5
    clock.forward(seconds=50)
    assert [stranger.ask_token().status_code for _ in range(6)] == [200] * 5 + [429]
    clock.forward(seconds=10)
    assert stranger.ask_token().status_code == 200


def test_a_token_ends_with_its_hour(api: Api, clock: Clock) -> None:
    clock.forward(seconds=3599)
    assert api.get("/ping").status_code == 200
    clock.forward(seconds=1)
    assert api.get("/ping").status_code == 401


def test_without_a_token_the_developer_is_inactive(stranger: Api) -> None:
    answer = stranger.get("/ping")
    assert answer.status_code == 401
    assert "Developer Inactive" in answer.text


def test_a_wrong_token_is_bad_auth(stranger: Api) -> None:
    stranger.session.headers["Authorization"] = "Bearer wrong"
    answer = stranger.get("/ping")
    assert answer.status_code == 401
    assert answer.json() == {"detailedmessage": "Bad auth.", "error": "Incorrect permissions."}


def test_the_retired_gateway_said_it_in_xml(stranger: Api, world: World) -> None:
    world.legacy_unauthorized = True
    stranger.session.headers["Authorization"] = "Bearer wrong"
    answer = stranger.get("/ping")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/xml")
    assert answer.text == "<h1>Not Authorized</h1>"
    assert answer.headers["X-Mashery-Error-Code"] == "ERR_403_NOT_AUTHORIZED"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_serves_every_practice_the_client_may_use(api: Api, world: World) -> None:
    world.add_practice("195901")
    world.add_practice("195902", authorized=False)
    assert api.get("/ping", practice="195901").status_code == 200
    refused = api.get("/ping", practice="195902")
    assert (refused.status_code, refused.json()["detailedmessage"]) == (401, "Bad auth.")
