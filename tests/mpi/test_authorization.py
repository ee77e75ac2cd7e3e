"""Who the facade says that it is: a token of the settings, or one by client credentials."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from fhir_facade.errors import PeopleUnavailable
from fhir_facade.events import Event
from tests.bell.issuing import Clock, Heard
from tests.mpi.conftest import Ask
from tests.mpi.indexing import PERSON, TOKEN, USER, IndexStub, patient, said

BY_CREDENTIALS = {"client_id": USER[0], "client_secret": USER[1]}


@pytest.fixture(autouse=True)
def _guarded(stub: IndexStub) -> None:
    stub.patients = [patient("a", f"{PERSON}|anna", "urn:riverside|1001")]
    stub.token = "first"


def test_a_token_of_the_settings_is_sent(ask: Ask, heard: Heard) -> None:
    assert ask(token="first").numbers("anna")
    with pytest.raises(PeopleUnavailable):
        ask(token="another").numbers("anna")
    assert heard.events == [(Event.PEOPLE_FAILED, {"endpoint": "Patient/_search", "said": "answered 401"})]


def test_without_one_nothing_is_said(ask: Ask, stub: IndexStub) -> None:
    stub.token = ""
    ask().numbers("anna")
    assert "Authorization" not in stub.headers[0]


def test_one_is_asked_for_once_for_most_of_its_life(ask: Ask, stub: IndexStub, clock: Clock) -> None:
    inquiry = ask(token_url=f"{stub.url}/token", seconds=1, **BY_CREDENTIALS)
    for _ in range(3):
        assert inquiry.numbers("anna")
        clock.advance(1000)
    assert stub.asked.count(TOKEN) == 1
    assert parse_qs(stub.bodies[0].decode())["scope"] == ["system/Patient.rs"]
    clock.advance(1000)
    inquiry.numbers("anna")
    assert stub.asked.count(TOKEN) == 2


def test_one_that_is_refused_is_replaced_once(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    inquiry = ask(token_url=f"{stub.url}/token", **BY_CREDENTIALS)
    inquiry.numbers("anna")
    stub.token = "second"
    assert inquiry.numbers("boris") == frozenset()
    assert stub.asked.count(TOKEN) == 2
    stub.replaced[TOKEN] = said({"access_token": "of another server"})
    stub.token = "third"
    with pytest.raises(PeopleUnavailable, match="answered 401"):
        inquiry.numbers("carl")
    assert len(heard.events) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said({"error": "invalid_client"}, 401), "answered 401"),
        (said({}), "answered 200 without a token"),
        (said({"access_token": ""}), "answered 200 without a token"),
        (said({"access_token": "two\r\nlines"}), "answered 200 without a token"),
        (said([]), "answered 200 without a JSON object"),
    ],
)
def test_what_is_no_token_is_a_failure(ask: Ask, stub: IndexStub, heard: Heard, answer: object, words: str) -> None:
    stub.replaced[TOKEN] = answer  # type: ignore[assignment]
    with pytest.raises(PeopleUnavailable):
        ask(token_url=f"{stub.url}/token", **BY_CREDENTIALS).numbers("anna")
    assert heard.events == [(Event.PEOPLE_FAILED, {"endpoint": "token_url", "said": words})]


def test_a_scope_may_be_left_out(ask: Ask, stub: IndexStub) -> None:
    ask(token_url=f"{stub.url}/token", scope="", **BY_CREDENTIALS).numbers("anna")
    assert b"scope" not in stub.bodies[0]
