"""Strings: case, accents, punctuation, and the parts of names and addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fhir_facade.errors import Invalid
from fhir_facade.search.query import Criterion
from fhir_facade.search.string import normal
from tests.search.conftest import Judge, Resource

FOUND = [
    ("Patient", "given=ann"),
    ("Patient", "given=ANNA"),
    ("Patient", "given=maria"),
    ("Patient", "given=María"),
    ("Patient", "given=xyz,mar"),
    ("Patient", "given:contains=nn"),
    ("Patient", "given:exact=Anna"),
    ("Patient", "family=carreno"),
    ("Patient", "family=Carreño Q"),
    ("Patient", "family=Quinones"),
    ("Patient", "family:contains=nones"),
    ("Patient", "family:exact=Carreno Quinones"),
    ("Patient", "name=anna"),
    ("Patient", "name:exact=María"),
    ("Patient", "name=annie"),
    ("Patient", "name=carreno"),
    ("Patient", "name=quinones"),
    ("Patient", "name=dr"),
    ("Patient", "name=Anna María Carreno"),
    ("Patient", "name=carreno  quinones anna"),
    ("Patient", "address=12 river"),
    ("Patient", "address=apt 3"),
    ("Patient", "address=zurich"),
    ("Patient", "address=02101"),
    ("Patient", "address:contains=river"),
    ("Patient", "address-city=ZURICH"),
    ("Patient", "address-city:exact=Zürich"),
    ("Patient", "address-postalcode=021"),
    ("Practitioner", "family=OBrien"),
    ("Practitioner", "family=o’br"),
    ("Practitioner", "name=pat o'brien"),
    ("Account", "name=riverside medical"),
    ("Organization", "name=rmg"),
    ("Organization", "name=old"),
    ("Location", "name=hq"),
]
NOT_FOUND = [
    ("Patient", "given=nna"),
    ("Patient", "given:exact=anna"),
    ("Patient", "given:exact=Maria"),
    ("Patient", "given:exact=Ann"),
    ("Patient", "given=carreno"),
    ("Patient", "given:contains=xyz"),
    ("Patient", "family=nones"),
    ("Patient", "family:exact=Quinones"),
    ("Patient", "name:exact=Anna María Carreno Quinones"),
    ("Patient", "family=anna"),
    ("Patient", "name=home"),
    ("Patient", "name=official"),
    ("Patient", "address=home"),
    ("Patient", "address=river"),
    ("Patient", "address-city:exact=Zurich"),
    ("Account", "name=medical"),
]


@pytest.mark.parametrize(("type", "pair"), FOUND)
def test_it_finds(type: str, pair: str, matches: Judge, sample: Callable[[str], Resource]) -> None:
    assert matches(type, pair, sample(type))


@pytest.mark.parametrize(("type", "pair"), NOT_FOUND)
def test_it_does_not_find(type: str, pair: str, matches: Judge, sample: Callable[[str], Resource]) -> None:
    assert not matches(type, pair, sample(type))


@pytest.mark.parametrize("value", [" ", "-", "\u0301", "a,-", "'", ".,"])
@pytest.mark.parametrize("name", ["name", "name:contains"])
def test_what_would_match_everything_is_refused(
    name: str, value: str, criterion: Callable[[str, str], Criterion]
) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Patient", f"{name}={value}")

    assert refusal.value.code == "value"


@pytest.mark.parametrize("modifier", ["text", "not", "above", "in", "Exact"])
def test_other_modifiers_are_refused(modifier: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Patient", f"name:{modifier}=anna")

    assert refusal.value.code == "not-supported"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Müller-Lüdenscheidt", "muller ludenscheidt"),
        ("O'Brien", "obrien"),
        ("St. Mary", "st mary"),
        ("  a \t b\u00a0c ", "a b c"),
        ("Straße", "strasse"),
        ("ﬁn", "fin"),
        ("Ångström", "angstrom"),
        ("李 小龙", "李 小龙"),
        ("", ""),
    ],
)
def test_the_normal_form(text: str, form: str) -> None:
    assert normal(text) == form


@pytest.mark.parametrize("body", [{}, {"name": [{"use": "official"}]}, {"name": []}])
def test_a_name_without_words_is_missing(body: Resource, matches: Judge) -> None:
    assert matches("Patient", "name:missing=true", body)


def test_a_null_beside_an_extension_is_no_value(matches: Judge) -> None:
    body = {"name": [{"given": [None, "Anna"], "_given": [{"extension": []}, None]}]}

    assert matches("Patient", "given=anna", body)
    assert matches("Patient", "name=anna", body)


def test_an_escaped_comma_is_part_of_the_name(matches: Judge) -> None:
    body = {"name": "Smith, Jones"}

    assert matches("Account", r"name:exact=Smith\, Jones", body)
    assert not matches("Account", "name:exact=Smith, Jones", body)
