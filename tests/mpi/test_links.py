"""Records of one person: what links join, and what they do not."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_facade.errors import PeopleUnavailable
from fhir_facade.events import Event
from fhir_facade.keys import PatientKey
from tests.bell.issuing import Heard
from tests.mpi.conftest import Ask
from tests.mpi.indexing import PERSON, IndexStub, Resource, link, patient

R, C = PatientKey("riverside", "1"), PatientKey("clinic", "2")
NOT_IN_USE = "the Patient with the identifier is not in use"
AGREED = {"name": [{"family": "Example"}], "birthDate": "1980-05-20"}


def said(heard: Heard) -> list[str]:
    return [facts["said"] for facts in heard.of(Event.PEOPLE_UNDECIDED)]


def merged(**new: Any) -> list[Resource]:
    """An old record with a number of Riverside's, merged into one with a number of the clinic's."""
    old = patient("old", "urn:riverside|1", active=False, link=[link("replaced-by", "new")], **AGREED)
    return [old, patient("new", f"{PERSON}|anna", "urn:clinic|2", link=[link("replaces", "old")], **new)]


@pytest.mark.parametrize("first", ["refer", "seealso"])
def test_records_that_are_linked_are_one_person(ask: Ask, stub: IndexStub, heard: Heard, first: str) -> None:
    stub.patients = [
        patient("source", "urn:riverside|1", link=[link(first, "golden")]),
        patient("golden", f"{PERSON}|anna", link=[link("seealso", "source"), link("seealso", "other")]),
        patient("other", "urn:clinic|2", link=[link("refer", "golden")]),
    ]
    assert ask().person(R) == "anna"
    assert ask().numbers("anna") == {R, C}
    assert said(heard) == []


def test_a_link_joins_both_of_its_ends(ask: Ask, stub: IndexStub) -> None:
    both = [
        patient(id, f"{PERSON}|anna", f"urn:{id}|1", link=[link("refer", "golden")]) for id in ("riverside", "clinic")
    ]
    stub.patients = [*both, patient("golden")]
    assert ask().numbers("anna") == {R, PatientKey("clinic", "1")}


def test_records_that_are_not_linked_are_nobody(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    stub.patients = [
        patient("one", f"{PERSON}|anna", "urn:riverside|1"),
        patient("two", f"{PERSON}|anna", "urn:clinic|2"),
    ]
    assert ask().numbers("anna") == frozenset()
    assert said(heard) == ["several Patients have the identifier, and are not linked"]


def test_a_record_that_is_not_in_use_is_nobodys(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    stub.patients = [
        patient("one", f"{PERSON}|anna", "urn:riverside|1"),
        patient("two", f"{PERSON}|anna", "urn:clinic|2", active=False, link=[link("seealso", "one")]),
    ]
    assert ask().numbers("anna") == {R}
    assert said(heard) == []
    stub.patients = stub.patients[1:]
    assert ask().numbers("anna") == frozenset()
    assert said(heard) == [NOT_IN_USE]


def test_the_links_of_a_record_that_is_not_in_use_say_nothing(ask: Ask, stub: IndexStub) -> None:
    old = patient("old", "urn:riverside|1", active=False, link=[link("seealso", "one"), link("refer", "one")])
    stub.patients = [old, patient("one", f"{PERSON}|anna", "urn:clinic|2")]
    assert ask().person(R) is None


def test_a_merge_of_records_without_a_birth_date_is_not_followed(ask: Ask, stub: IndexStub) -> None:
    stub.patients = merged(name=AGREED["name"])
    del stub.patients[0]["birthDate"]
    assert ask().person(R) is None


def test_a_merge_is_followed_where_name_and_birth_date_agree(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    stub.patients = merged(name=[{"family": "Other"}, {"family": "EXAMPLE"}], birthDate="1980-05-20")
    inquiry = ask()
    assert inquiry.person(R) == "anna"
    assert inquiry.numbers("anna") == {C}
    assert said(heard) == []


@pytest.mark.parametrize(
    "new",
    [
        {"name": [{"family": "Other"}], "birthDate": "1980-05-20"},
        {"name": [{"family": "Example"}], "birthDate": "1980-05-21"},
        {"name": [{"family": "Example"}]},
        {"name": [{"given": ["Anna"]}], "birthDate": "1980-05-20"},
        {},
    ],
)
def test_a_merge_of_records_that_differ_is_an_operators_task(
    ask: Ask, stub: IndexStub, heard: Heard, new: dict[str, Any]
) -> None:
    stub.patients = merged(**new)
    assert ask().person(R) is None
    assert said(heard) == ["a merge is not followed, whose family names or birth dates differ", NOT_IN_USE]


@pytest.mark.parametrize("type", ["replaces", "father", ""])
def test_no_other_link_joins(ask: Ask, stub: IndexStub, type: str) -> None:
    stub.patients = [
        patient("one", f"{PERSON}|anna", "urn:riverside|1", link=[link(type, "two")], **AGREED),
        patient("two", "urn:clinic|2", **AGREED),
    ]
    assert ask().numbers("anna") == {R}


@pytest.mark.parametrize(
    "reference", ["RelatedPerson/two", "https://elsewhere.example.org/fhir/Patient/two", "urn:uuid:two", "#two", ""]
)
def test_only_patients_of_the_index_are_followed(ask: Ask, stub: IndexStub, reference: str) -> None:
    to = {"type": "seealso", "other": {"reference": reference}}
    stub.patients = [patient("one", f"{PERSON}|anna", "urn:riverside|1", link=[to]), patient("two", "urn:clinic|2")]
    assert ask().numbers("anna") == {R}
    assert len(stub.asked) == 1


def test_an_absolute_reference_to_the_index_is_followed(ask: Ask, stub: IndexStub) -> None:
    to = {"type": "seealso", "other": {"reference": f"{stub.url}/Patient/two/_history/3"}}
    stub.patients = [patient("one", f"{PERSON}|anna", "urn:riverside|1", link=[to]), patient("two", "urn:clinic|2")]
    assert ask().numbers("anna") == {R, C}


def test_a_linked_record_that_came_along_is_not_asked_for_again(ask: Ask, stub: IndexStub) -> None:
    stub.patients = [patient("one", f"{PERSON}|anna", "urn:riverside|1", link=[link("refer", "two")])]
    stranger = patient("three", "urn:clinic|3")
    stub.extra = [
        {"resource": each, "search": {"mode": "include"}} for each in (patient("two", "urn:clinic|2"), stranger)
    ]
    assert ask().numbers("anna") == {R, C}
    assert len(stub.asked) == 1


def test_a_record_that_is_not_given_is_told(ask: Ask, stub: IndexStub, heard: Heard) -> None:
    stub.patients = [patient("one", f"{PERSON}|anna", "urn:riverside|1", link=[link("refer", "gone")])]
    assert ask().numbers("anna") == {R}
    assert said(heard) == ["a Patient that is linked was not given"]


def test_links_are_followed_so_far_and_no_further(ask: Ask, stub: IndexStub) -> None:
    stub.patients = [patient(str(n), link=[link("refer", str(n + 1))]) for n in range(1, 9)]
    stub.patients.append(patient("0", f"{PERSON}|anna", link=[link("refer", "1")]))
    with pytest.raises(PeopleUnavailable, match="links more Patients than are followed"):
        ask().numbers("anna")
    stub.patients = [patient("0", f"{PERSON}|anna", link=[link("refer", f"n{n}") for n in range(101)])]
    with pytest.raises(PeopleUnavailable, match="links more Patients than are followed"):
        ask().numbers("anna")


def test_links_in_a_circle_end(ask: Ask, stub: IndexStub) -> None:
    stub.patients = [
        patient("one", f"{PERSON}|anna", "urn:riverside|1", link=[link("refer", "two"), link("refer", "one")]),
        patient("two", "urn:clinic|2", link=[link("refer", "one")]),
    ]
    assert ask().numbers("anna") == {R, C}
