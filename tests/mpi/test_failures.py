"""An index that is down, slow, refuses or answers nonsense is a failure by name, and never an answer."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from werkzeug.wrappers import Response

from fhir_facade.errors import PeopleUnavailable
from fhir_facade.events import Event
from fhir_facade.keys import PatientKey
from fhir_facade.mpi import server
from fhir_facade.mpi.index import Inquiry
from fhir_facade.sandbox.athenahealth.server import ConnectionCut
from tests.bell.issuing import Clock, Heard
from tests.mpi.conftest import Ask, Open
from tests.mpi.indexing import OPERATION, PERSON, SEARCH, IndexStub, outcome, patient, said

KEY = PatientKey("riverside", "1001")
BUNDLE = {"resourceType": "Bundle", "type": "searchset"}


def entry(resource: Any) -> dict[str, Any]:
    return BUNDLE | {"entry": [{"resource": resource}]}


def cut() -> Response:
    raise ConnectionCut(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


NO_BUNDLE, STRANGER = (
    "answered 200 without a Bundle of Patients",
    "found a Patient without the identifier that was searched",
)
SEARCHES = [
    (said({}, 500), "answered 500"),
    (outcome(404, "not-found"), "answered 404"),
    (outcome(403, "forbidden"), "answered 403"),
    (outcome(400, "not-supported"), "answered 400"),
    (Response(status=302, headers={"Location": "/elsewhere"}), "answered 302"),
    (Response("<html>welcome</html>"), NO_BUNDLE),
    (Response("[" * 9000), NO_BUNDLE),
    (said([]), NO_BUNDLE),
    (said({"entry": []}), NO_BUNDLE),
    (said({"resourceType": "OperationOutcome", "issue": []}), NO_BUNDLE),
    (said(BUNDLE | {"entry": {}}), NO_BUNDLE),
    (said(entry({"resourceType": "Patient", "id": "a", "identifier": "1001"})), NO_BUNDLE),
    (said(entry({"resourceType": "Patient", "id": "a", "active": "false"})), NO_BUNDLE),
    (said(entry(patient("a", "urn:riverside|1002"))), STRANGER),
    (said(entry(patient("a", "urn:clinic|1001"))), STRANGER),
    (said(entry(patient("a"))), STRANGER),
    (said(BUNDLE | {"link": [{"relation": "next", "url": "x"}]}), "found more Patients than are read"),
    (Response(b" " * 1_000_001), "could not be reached"),
    (cut, "could not be reached"),
]
PARAMETERS = "answered 200 without Parameters"
OPERATIONS = [
    (said({}, 500), "answered 500"),
    (Response("<html>not here</html>", 404), "answered 404"),
    (outcome(404, "not-supported"), "answered 404"),
    (outcome(405, "not-supported"), "answered 405"),
    (outcome(400, "invalid"), "answered 400"),
    (outcome(403, "code-invalid"), "answered 403"),
    (said([]), PARAMETERS),
    (said({"parameter": []}), PARAMETERS),
    (
        said({"resourceType": "Parameters", "parameter": [{"name": "targetIdentifier", "valueIdentifier": 5}]}),
        PARAMETERS,
    ),
    (said(entry(patient("a"))), PARAMETERS),
    (cut, "could not be reached"),
]


@pytest.mark.parametrize(("answer", "words"), SEARCHES)
def test_what_is_no_answer_to_a_search_is_a_failure(
    ask: Ask, stub: IndexStub, heard: Heard, answer: Any, words: str
) -> None:
    stub.replaced[SEARCH] = answer
    fails(ask(), heard, "Patient/_search", words)


@pytest.mark.parametrize(("answer", "words"), OPERATIONS)
def test_what_is_no_answer_to_the_operation_is_a_failure(
    ask: Ask, stub: IndexStub, heard: Heard, answer: Any, words: str
) -> None:
    stub.replaced[OPERATION] = answer
    fails(ask(how="ihe-pix"), heard, "Patient/$ihe-pix", words)


def fails(inquiry: Inquiry, heard: Heard, endpoint: str, words: str) -> None:
    with pytest.raises(PeopleUnavailable, match=words) as failed:
        inquiry.person(KEY)
    assert (failed.value.status, failed.value.headers) == (503, {"Retry-After": "5"})
    assert failed.value.diagnostics == "The person index is not answering; try again later."
    assert heard.events == [(Event.PEOPLE_FAILED, {"endpoint": endpoint, "said": words})]
    assert "1001" not in json.dumps(heard.events)


def test_a_person_who_was_deleted_or_merged_is_not_known(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    stub.replaced[OPERATION] = said(BUNDLE)
    assert ask(how="ihe-pix").person(KEY) is None
    assert heard.events == []


def test_a_system_that_the_operation_does_not_know_is_told(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    assert ask(how="ihe-pix").person(KEY) is None
    assert heard.events == [(Event.PEOPLE_UNDECIDED, {"said": "the identifier system is not known"})]


def test_an_index_that_is_gone_is_left_alone_for_a_moment(ask: Ask, clock: Clock, heard: Heard) -> None:
    inquiry = ask(url="http://127.0.0.1:1/fhir")
    for seconds, failures in ((0, 1), (1, 1), (5, 2)):
        clock.advance(seconds)
        with pytest.raises(PeopleUnavailable):
            inquiry.numbers("anna")
        assert len(heard.events) == failures
    assert heard.events[0][1]["said"] == "could not be reached"


def test_a_failure_is_not_kept(ask: Ask, stub: IndexStub) -> None:
    inquiry = ask()
    stub.replaced[SEARCH] = said({}, 500)
    with pytest.raises(PeopleUnavailable):
        inquiry.numbers("anna")
    stub.patients, stub.replaced = [patient("a", f"{PERSON}|anna", "urn:riverside|1001")], {}
    assert inquiry.numbers("anna") == {KEY}


def test_all_that_is_asked_for_a_caller_has_one_end(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    over = threading.Event()
    stub.replaced[SEARCH] = lambda: said(BUNDLE, 200 if over.wait(20) else 500)
    inquiry, started = ask(timeout_seconds=0.3), time.monotonic()
    with pytest.raises(PeopleUnavailable):
        inquiry.numbers("anna")
    with pytest.raises(PeopleUnavailable):
        inquiry.numbers("boris")
    assert time.monotonic() - started < 2
    assert heard.events == [(Event.PEOPLE_FAILED, {"endpoint": "Patient/_search", "said": "timed out"})]
    over.set()


def test_so_many_calls_at_once_and_no_more(opening: Open, stub: IndexStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CALLS_IN_FLIGHT", 1)
    inside, over = threading.Event(), threading.Event()

    def slow() -> Response:
        inside.set()
        over.wait(20)
        return said(BUNDLE)

    stub.replaced[SEARCH] = slow
    index = opening(timeout_seconds=5.0)
    first = threading.Thread(target=lambda: index.inquiry().numbers("anna"))
    first.start()
    assert inside.wait(10)
    index.seconds = 0.05
    with pytest.raises(PeopleUnavailable, match="has 1 calls in flight"):
        index.inquiry().numbers("boris")
    over.set()
    first.join()
