"""Who somebody is: the same answers by a search and by the cross-reference query."""

from __future__ import annotations

import datetime as dt

import pytest

from fhir_facade.events import Event
from fhir_facade.keys import PatientKey
from fhir_facade.mpi.index import Inquiry
from tests.bell.issuing import Heard
from tests.mpi.conftest import Ask
from tests.mpi.indexing import PERSON, IndexStub, link, patient

RIVERSIDE, CLINIC = PatientKey("riverside", "1001"), PatientKey("clinic", "2002")
ANNA = patient("a", f"{PERSON}|anna", "urn:riverside|1001", "urn:clinic|2002", "urn:closed|3", "urn:insurance|4")
BORIS = patient("b", f"{PERSON}|boris", "urn:riverside|1002")


@pytest.fixture(params=["search", "ihe-pix"])
def inquiry(request: pytest.FixtureRequest, ask: Ask, stub: IndexStub) -> Inquiry:
    stub.patients = [ANNA, BORIS]
    return ask(how=request.param)


def test_a_person_has_numbers_at_released_authorities(inquiry: Inquiry, heard: Heard) -> None:
    assert inquiry.numbers("anna") == {RIVERSIDE, CLINIC}
    assert inquiry.numbers("boris") == {PatientKey("riverside", "1002")}
    assert heard.events == []


def test_a_number_is_a_persons(inquiry: Inquiry) -> None:
    assert inquiry.person(CLINIC) == "anna"
    assert inquiry.person(PatientKey("riverside", "1002")) == "boris"


def test_what_is_known_of_a_number_is_known_of_the_person(inquiry: Inquiry, stub: IndexStub) -> None:
    assert inquiry.person(RIVERSIDE) == "anna"
    assert inquiry.numbers("anna") == {RIVERSIDE, CLINIC}
    assert len(stub.asked) == 1


def test_who_is_not_known_is_nobody(inquiry: Inquiry, stub: IndexStub, heard: Heard) -> None:
    assert inquiry.numbers("eve") == frozenset()
    assert inquiry.person(PatientKey("riverside", "9")) is None
    assert inquiry.person(PatientKey("closed", "3")) is None
    assert len(stub.asked) == 2
    assert heard.events == []


def test_no_number_is_in_a_url(inquiry: Inquiry, stub: IndexStub) -> None:
    inquiry.numbers("anna")
    inquiry.person(RIVERSIDE)
    assert set(stub.urls) <= {"/fhir/Patient/_search", "/fhir/Patient/$ihe-pix"}


@pytest.mark.parametrize("value", ["1001,1002", "1001|2", "a$b", "a\\,b", "a\\", "1001,urn:riverside|1002"])
def test_a_value_is_one_value(inquiry: Inquiry, stub: IndexStub, value: str) -> None:
    assert inquiry.person(PatientKey("riverside", value)) is None
    stub.patients.append(
        patient("odd", f"{PERSON}|odd")
        | {"identifier": [{"system": PERSON, "value": "odd"}, {"system": "urn:riverside", "value": value + "!"}]}
    )
    assert inquiry.person(PatientKey("riverside", value + "!")) == "odd"


@pytest.mark.parametrize("ended", [{"use": "old"}, {"period": {"end": "2026-03-01"}}, {"period": {"end": "2026-02"}}])
def test_an_identifier_that_does_not_hold_any_more_opens_nothing(
    inquiry: Inquiry, stub: IndexStub, ended: dict[str, object]
) -> None:
    number = {"system": "urn:clinic", "value": "7"}
    stub.patients = [patient("c", f"{PERSON}|carl", "urn:riverside|1003")]
    stub.patients[0]["identifier"].append(number | ended)
    assert inquiry.numbers("carl") == {PatientKey("riverside", "1003")}


@pytest.mark.parametrize("ended", [{"use": "old"}, {"period": {"end": "2026-03-01"}}])
def test_an_identifier_that_does_not_hold_names_nobody(
    ask: Ask, stub: IndexStub, heard: Heard, ended: dict[str, object]
) -> None:
    stub.patients = [patient("c", f"{PERSON}|carl")]
    stub.patients[0]["identifier"].append({"system": "urn:clinic", "value": "7"} | ended)
    assert ask().person(PatientKey("clinic", "7")) is None
    assert heard.events == []


def test_a_search_asks_for_its_parameters_to_be_obeyed(ask: Ask, stub: IndexStub) -> None:
    ask().numbers("anna")
    assert stub.headers[0]["Prefer"] == "handling=strict"


@pytest.mark.parametrize("still", [{"use": "official"}, {"period": {"end": "2026-03-02"}}, {"period": {"end": "2026"}}])
def test_one_that_holds_does(inquiry: Inquiry, stub: IndexStub, still: dict[str, object]) -> None:
    stub.patients = [patient("c", f"{PERSON}|carl")]
    stub.patients[0]["identifier"].append({"system": "urn:clinic", "value": "7"} | still)
    assert inquiry.numbers("carl") == {PatientKey("clinic", "7")}


def test_one_number_of_two_ids_is_nobodys(inquiry: Inquiry, stub: IndexStub, heard: Heard) -> None:
    stub.patients = [patient("c", f"{PERSON}|carl", f"{PERSON}|carol", "urn:riverside|1003")]
    assert inquiry.person(PatientKey("riverside", "1003")) is None
    assert heard.events == [(Event.PEOPLE_UNDECIDED, {"said": "one person has several ids"})]
    assert inquiry.numbers("carol") == {PatientKey("riverside", "1003")}


@pytest.mark.parametrize("how", ["search", "ihe-pix"])
def test_a_token_may_carry_the_indexs_own_id(ask: Ask, stub: IndexStub, how: str) -> None:
    stub.patients = [ANNA | {"link": [link("seealso", "b")]}, BORIS]
    inquiry = ask(how=how, person_system="")
    assert inquiry.numbers("a") == {RIVERSIDE, CLINIC, PatientKey("riverside", "1002")}
    assert inquiry.person(RIVERSIDE) == "a"
    for id in ("a,b", "a|b", "zz", "Patient/a", ""):
        assert inquiry.numbers(id) == frozenset()


def test_proxies_are_those_of_the_state(inquiry: Inquiry, stub: IndexStub) -> None:
    assert inquiry.acts_for("sub:eve", dt.date(2026, 3, 2)) == {"anna"}
    assert stub.asked == []
