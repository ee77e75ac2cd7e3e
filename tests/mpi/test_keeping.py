"""An answer is kept for a while, and asked for once."""

from __future__ import annotations

import math
import threading

import pytest
from werkzeug.wrappers import Response

from fhir_facade.errors import PeopleUnavailable
from fhir_facade.keys import PatientKey
from fhir_facade.mpi.index import Index
from tests.bell.issuing import Clock
from tests.mpi.conftest import Ask, Open
from tests.mpi.indexing import PERSON, SEARCH, IndexStub, patient, said

KEY = PatientKey("riverside", "1001")


def anna(*more: str) -> list[dict[str, object]]:
    return [patient("a", f"{PERSON}|anna", "urn:riverside|1001", *more)]


def test_a_change_is_seen_within_so_many_seconds(opening: Open, stub: IndexStub, clock: Clock) -> None:
    index = opening(seconds=30)
    stub.patients = anna()
    first = index.inquiry()
    assert first.until == math.inf
    assert first.numbers("anna") == {KEY}
    assert first.until == clock.seconds + 30
    stub.patients = anna("urn:clinic|2")
    clock.advance(29)
    later = index.inquiry()
    assert later.numbers("anna") == {KEY}
    assert later.until == clock.seconds + 1
    assert len(stub.asked) == 1
    clock.advance(1)
    assert index.inquiry().numbers("anna") == {KEY, PatientKey("clinic", "2")}


def test_what_holds_shortest_counts(ask: Ask, stub: IndexStub, clock: Clock) -> None:
    inquiry = ask(seconds=30)
    inquiry.numbers("anna")
    clock.advance(10)
    inquiry.numbers("boris")
    assert inquiry.until == clock.seconds + 20


def test_who_is_not_known_is_not_asked_for_again_either(ask: Ask, stub: IndexStub) -> None:
    inquiry = ask()
    for _ in range(3):
        assert inquiry.numbers("eve") == frozenset()
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [200, 500])
def test_many_who_wait_are_one_question(opening: Open, stub: IndexStub, status: int) -> None:
    index = opening()
    inside, over = threading.Event(), threading.Event()

    def slow() -> Response:
        inside.set()
        over.wait(20)
        return said({"resourceType": "Bundle", "type": "searchset"}, status)

    answered: list[str] = []

    def asking() -> None:
        try:
            answered.append(str(index.inquiry().numbers("anna")))
        except PeopleUnavailable as failure:
            answered.append(str(failure))

    stub.replaced[SEARCH] = slow
    threads = [threading.Thread(target=asking) for _ in range(5)]
    threads[0].start()
    assert inside.wait(10)
    for thread in threads[1:]:
        thread.start()
    with pytest.raises(PeopleUnavailable, match="not answered in time"):
        impatient(index)
    over.set()
    for thread in threads:
        thread.join()
    assert answered == ["frozenset()" if status == 200 else "Patient/_search: answered 500"] * 5
    assert len(stub.asked) == 1


def impatient(index: Index) -> None:
    """Asks when there is no time left."""
    index.seconds = 0.0
    index.inquiry().numbers("anna")


@pytest.mark.parametrize("also", [(), (f"{PERSON}|carl",)])
def test_what_is_known_of_a_number_opens_nothing_to_others_who_name_the_person(
    opening: Open, stub: IndexStub, also: tuple[str, ...]
) -> None:
    index = opening()
    stub.patients = [
        patient("c", f"{PERSON}|carol", *also, "urn:riverside|1003"),
        patient("d", f"{PERSON}|carol", "urn:riverside|1004"),
    ]
    assert index.inquiry().person(PatientKey("riverside", "1003")) == (None if also else "carol")
    assert index.inquiry().numbers("carol") == frozenset()
