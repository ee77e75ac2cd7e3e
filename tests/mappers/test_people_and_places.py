"""Patients, practitioners, places and authorities: only what is known, and nothing a bill does not need."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from fhir_facade.mappers import organization, patient
from fhir_facade.mappers.elements import code, text
from fhir_facade.mappers.judge import judge
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import Address, Person, Place, Practitioner
from tests.mappers.cases import PERSON, RIVERSIDE, SCENE


def render(type: str, record: Any) -> dict[str, Any]:
    return MAPPERS[type].body(record, SCENE)


def test_of_a_patient_only_what_is_known_is_said() -> None:
    assert list(render("Patient", Person(number="1"))) == [
        "resourceType",
        "id",
        "identifier",
        "active",
        "managingOrganization",
    ]


@pytest.mark.parametrize(
    ("deceased", "element"),
    [
        (True, {"deceasedBoolean": True}),
        (False, {"deceasedBoolean": False}),
        (dt.date(2026, 1, 2), {"deceasedDateTime": "2026-01-02"}),
        (dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC), {"deceasedDateTime": "2026-01-02T03:00:00Z"}),
        (None, {}),
    ],
)
def test_death_is_a_fact_a_day_or_an_instant(deceased: Any, element: dict[str, Any]) -> None:
    body = render("Patient", Person(number="1", deceased=deceased))
    assert {key: value for key, value in body.items() if key.startswith("deceased")} == element


def test_a_merged_number_points_to_the_one_in_force_and_repeats_nothing_of_the_person() -> None:
    body = patient.render_replaced("900", PERSON, SCENE)
    judge(body)
    assert (body["id"], body["active"], body["identifier"][0]["value"]) == ("riverside.900", False, "900")
    assert body["link"] == [{"other": SCENE.patient("1001"), "type": "replaced-by"}]
    assert {"name", "birthDate", "telecom", "address", "gender"} & set(body) == set()


@pytest.mark.parametrize(
    ("person", "names"),
    [
        (Practitioner(number="1"), None),
        (Practitioner(number="1", name=" Dr. D. Docent "), [{"text": "Dr. D. Docent"}]),
        (Practitioner(number="1", family="Docent"), [{"text": "Docent", "family": "Docent"}]),
        (
            Practitioner(number="1", family="Docent", given=("Dana", "")),
            [{"text": "Dana Docent", "family": "Docent", "given": ["Dana"]}],
        ),
    ],
)
def test_a_practitioner_is_named_as_displayed(person: Practitioner, names: Any) -> None:
    assert render("Practitioner", person).get("name") == names


def test_an_npi_is_nobodys_of_ours() -> None:
    own, npi = render("Practitioner", Practitioner(number="1", npi="1234567893"))["identifier"]
    assert npi == {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}
    assert "assigner" in own


def test_a_place_without_an_address_has_none() -> None:
    assert "address" not in render("Location", Place(number="1", name="Main", address=Address(city=" ")))


def test_an_organization_is_its_authority() -> None:
    body = organization.render(RIVERSIDE)
    assert (body["id"], body["name"]) == ("riverside", "Riverside Medical Group")
    assert body["identifier"] == [SCENE.assigner["identifier"]]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain", "plain"),
        ("  two  words ", "two  words"),
        ("non\u00a0breaking\u2009space", "non breaking space"),
        ("line\r\nbreak\x0b", "line break"),
        ("null\x00 and lone \ud800surrogate", "null and lone surrogate"),
        ("نمی\u200cدانم", "نمی\u200cدانم"),
        (" \t\u3000", ""),
    ],
)
def test_a_text_keeps_its_letters_and_loses_what_fhir_forbids(raw: str, clean: str) -> None:
    assert text(raw) == clean


def test_a_code_has_single_spaces() -> None:
    assert code("  A  1\t") == "A 1"
