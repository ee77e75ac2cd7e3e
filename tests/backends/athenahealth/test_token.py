"""One token for a client id: cached, shared, renewed early and by one caller at a time (production rule B2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.errors import Refused, Throttled
from fhir_facade.events import Event
from fhir_facade.sandbox.athenahealth import Practice, Simulator, World
from fhir_facade.state.memory import MemoryStore
from tests.backends.athenahealth.conftest import ANNA, Clock, Heard, Open

TOKEN = "/oauth2/v1/token"


def test_opening_asks_for_nothing(backend: AthenaHealth, sim: Simulator) -> None:
    assert sim.calls == []


def test_a_token_serves_many_calls(backend: AthenaHealth, sim: Simulator) -> None:
    for _ in range(5):
        backend.person(ANNA)
    assert sim.count(TOKEN) == 1


def test_a_token_is_shared_by_processes_and_practices(
    open_backend: Open, sim: Simulator, world: World, practice: Practice
) -> None:
    world.add_practice(1).add_patient(1001)
    for backend in (open_backend(), open_backend(), open_backend(practice_id=1)):
        assert backend.person(ANNA) is not None
    assert sim.count(TOKEN) == 1


def test_a_token_is_renewed_a_minute_before_its_end(backend: AthenaHealth, sim: Simulator, clock: Clock) -> None:
    backend.ping()
    clock.forward(3530)
    backend.ping()
    assert sim.count(TOKEN) == 1
    clock.forward(15)
    backend.ping()
    assert sim.count(TOKEN) == 2


def test_a_life_that_is_said_as_text_is_understood(backend: AthenaHealth, sim: Simulator, world: World) -> None:
    world.expires_as_text = True
    backend.ping()
    backend.ping()
    assert sim.count(TOKEN) == 1


def test_many_callers_at_once_ask_for_one_token(backend: AthenaHealth, sim: Simulator) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: backend.ping(), range(32)))
    assert sim.count(TOKEN) == 1


def test_while_one_caller_renews_the_others_use_the_old_token(
    backend: AthenaHealth, sim: Simulator, clock: Clock
) -> None:
    backend.ping()
    clock.forward(3550)
    held = sim.fault("latency", template=TOKEN)
    with ThreadPoolExecutor() as pool:
        renewing = pool.submit(backend.ping)
        assert held.wait()
        backend.ping()
        held.release()
        renewing.result()
    assert sim.count(TOKEN) == 2


def test_a_token_that_cannot_be_renewed_serves_to_its_end(backend: AthenaHealth, sim: Simulator, clock: Clock) -> None:
    backend.ping()
    clock.forward(3550)
    sim.fault("html", template=TOKEN, status=503)
    backend.ping()


def test_a_401_in_mid_life_is_answered_with_a_new_token_once(ready: AthenaHealth, sim: Simulator, heard: Heard) -> None:
    sim.expire_tokens()
    assert ready.person(ANNA) is not None
    assert sim.count(TOKEN) == 1
    assert sim.count("/patients/{id}") == 2
    assert len(heard.of(Event.TOKEN_REFRESHED)) == 2


def test_many_401s_at_once_are_answered_with_one_new_token(ready: AthenaHealth, sim: Simulator) -> None:
    sim.expire_tokens()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: ready.person(ANNA), range(16)))
    assert None not in found
    assert sim.count(TOKEN) == 1


def test_a_practice_that_refuses_every_token_does_not_use_up_the_token_requests(
    ready: AthenaHealth, sim: Simulator, practice: Practice
) -> None:
    practice.authorized = False
    for _ in range(10):
        with pytest.raises(Refused):
            ready.person(ANNA)
    assert sim.count(TOKEN) == 2


def test_a_refused_secret_is_told_and_not_tried_again_at_once(
    open_backend: Open, sim: Simulator, heard: Heard, clock: Clock
) -> None:
    backend = open_backend(client_secret="wrong")
    for _ in range(5):
        with pytest.raises(Refused):
            backend.ping()
    assert sim.count(TOKEN) == 1
    assert heard.of(Event.TOKEN_REFUSED) == [{"billing_system": "athena"}]
    clock.forward(11)
    with pytest.raises(Refused):
        backend.ping()
    assert sim.count(TOKEN) == 2


def test_the_old_secret_serves_while_the_new_one_is_not_in_force(
    open_backend: Open, sim: Simulator, settings: dict[str, Any]
) -> None:
    open_backend(client_secret=["the-new-one", settings["client_secret"]]).ping()
    assert sim.count(TOKEN) == 2


def test_too_many_token_requests_wait_for_the_next_minute(backend: AthenaHealth, world: World, clock: Clock) -> None:
    world.tokens_per_minute = 0
    clock.forward(20)
    with pytest.raises(Throttled) as raised:
        backend.ping()
    assert raised.value.retry_after == 40


def test_the_shared_store_holds_no_readable_token(backend: AthenaHealth, store: MemoryStore, heard: Heard) -> None:
    backend.ping()
    kept = [value for value, _ in store._values.values()]
    assert len(kept) == 1
    assert b"text" not in kept[0]
    assert kept[0].startswith(b"gAAAA")
