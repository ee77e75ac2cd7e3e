"""Tokens: codes, identifiers, flags, contacts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fhir_facade.errors import Invalid
from fhir_facade.search.query import Criterion
from tests.search.conftest import Judge, Resource

SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
NUMBERS = "https://billing.example.org/fhir/identifiers/riverside/invoice"

FOUND = [
    ("Invoice", "status=issued"),
    ("Invoice", "status=draft,issued"),
    ("Invoice", "status=,issued,"),
    ("Invoice", "status=|issued"),
    ("Invoice", "status=http://hl7.org/fhir/invoice-status|issued"),
    ("Invoice", "status=http://hl7.org/fhir/invoice-status|"),
    ("Invoice", "status:not=draft"),
    ("Invoice", "status:not=draft,balanced"),
    ("Invoice", "type=PBILLACCT"),
    ("Invoice", "type=pbillacct"),
    ("Invoice", f"type={SYSTEM}|PBILLACCT"),
    ("Invoice", f"type={SYSTEM}|"),
    ("Invoice", "type=|local"),
    ("Invoice", "type=local"),
    ("Invoice", "type:text=patient"),
    ("Invoice", "type:text=PATIENT BILLING"),
    ("Invoice", "type:text=nothing,pátient  bill"),
    ("Invoice", "identifier=4711"),
    ("Invoice", f"identifier={NUMBERS}|4711"),
    ("Invoice", f"identifier={NUMBERS}|"),
    ("Invoice", f"identifier={NUMBERS}|1,{NUMBERS}|4711"),
    ("Invoice", "identifier:text=invoice n"),
    ("Invoice", "participant-role:text=attending"),
    ("Invoice", "participant-role=ref"),
    ("Invoice", "_id=inv-1"),
    ("Invoice", "_id=inv-0,inv-1,inv-1"),
    ("Invoice", "_id=|inv-1"),
    ("Invoice", "_id:not=inv-2"),
    ("Appointment", "part-status=tentative"),
    ("Appointment", "specialty=http://snomed.info/sct|394802001"),
    ("Patient", "active=true"),
    ("Patient", "active:not=false"),
    ("Patient", "deceased=true"),
    ("Patient", "gender=female"),
    ("Patient", "phone=555-010-2030"),
    ("Patient", "phone=5550102030"),
    ("Patient", "telecom=(555) 010-2030"),
    ("Patient", "email=anna@example.org"),
    ("Patient", "telecom=ANNA@EXAMPLE.ORG"),
    ("Patient", "language=en-us"),
    ("Patient", "identifier=urn:oid:1.3.6.1.4.1.99999.1|1001"),
    ("Location", "operational-status=O"),
    ("Location", "operational-status:text=occ"),
    ("Practitioner", "active=false"),
]
NOT_FOUND = [
    ("Invoice", "status=draft"),
    ("Invoice", "status=ISSUED"),
    ("Invoice", "status=never-heard-of"),
    ("Invoice", "status=http://example.org/other|issued"),
    ("Invoice", "status=http://example.org/other|"),
    ("Invoice", "status:not=issued"),
    ("Invoice", "status:not=draft,issued"),
    ("Invoice", "type=|PBILLACCT"),
    ("Invoice", "type=http://example.org|PBILLACCT"),
    ("Invoice", "type:text=bill"),
    ("Invoice", "type=Patient bill"),
    ("Invoice", "identifier=47"),
    ("Invoice", "identifier=|4711"),
    ("Invoice", f"identifier={NUMBERS}|47110"),
    ("Invoice", "identifier=urn:oid:1.3.6.1.4.1.99999.2|4711"),
    ("Invoice", "_id=INV-1"),
    ("Invoice", "_id=http://x|inv-1"),
    ("Invoice", "_id:not=inv-1"),
    ("Patient", "active=false"),
    ("Patient", "deceased=false"),
    ("Patient", "email=5550102030"),
    ("Patient", "phone=anna@example.org"),
]


@pytest.mark.parametrize(("type", "pair"), FOUND)
def test_it_finds(type: str, pair: str, matches: Judge, sample: Callable[[str], Resource]) -> None:
    assert matches(type, pair, sample(type))


@pytest.mark.parametrize(("type", "pair"), NOT_FOUND)
def test_it_does_not_find(type: str, pair: str, matches: Judge, sample: Callable[[str], Resource]) -> None:
    assert not matches(type, pair, sample(type))


MALFORMED = [
    ("Invoice", "type=a|b|c|d"),
    ("Invoice", "type=a|b|c"),
    ("Invoice", "type=|"),
    ("Invoice", "type=ok,|"),
    ("Invoice", r"type=a\b"),
    ("Invoice", "type:text=-"),
    ("Patient", "active=maybe"),
    ("Patient", "active=http://terminology.hl7.org/CodeSystem/special-values|true"),
    ("Patient", "phone=phone|5550102030"),
    ("Patient", "email=|a@b"),
    ("Invoice", "status:missing=yes"),
    ("Invoice", "status:missing=true,false"),
    ("Invoice", "status:missing=TRUE"),
]


@pytest.mark.parametrize(("type", "pair"), MALFORMED)
def test_a_malformed_value_is_refused(type: str, pair: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion(type, pair)

    assert refusal.value.code == "value"
    assert refusal.value.expression == pair.partition("=")[0]


@pytest.mark.parametrize(
    "modifier", ["in", "not-in", "of-type", "above", "below", "exact", "identifier", "Patient", "Not", "x", "text:not"]
)
def test_other_modifiers_are_refused(modifier: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Invoice", f"status:{modifier}=issued")

    assert refusal.value.code == "not-supported"


@pytest.mark.parametrize(
    ("type", "name"),
    [("Invoice", "status"), ("Invoice", "_id"), ("Patient", "active"), ("Patient", "phone"), ("ValueSet", "version")],
)
@pytest.mark.parametrize("value", ["x", ""])
def test_text_is_refused_where_there_is_none(
    type: str, name: str, value: str, criterion: Callable[[str, str], Criterion]
) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion(type, f"{name}:text={value}")

    assert refusal.value.code == "not-supported"


@pytest.mark.parametrize("body", [{}, {"status": "issued"}])
def test_missing_and_not(body: Resource, matches: Judge) -> None:
    present = bool(body)

    assert matches("Invoice", "status:missing=true", body) is not present
    assert matches("Invoice", "status:missing=false", body) is present
    assert matches("Invoice", "status:not=draft", body), "not includes what has no value"


def test_a_concept_of_text_alone_is_not_missing_and_has_no_code(matches: Judge) -> None:
    body = {"type": {"text": "Bill"}}

    assert matches("Invoice", "type:missing=false", body)
    assert matches("Invoice", "type:text=bill", body)
    assert not matches("Invoice", "type=Bill", body)


def test_escaped_separators_belong_to_the_code(matches: Judge) -> None:
    body = {"identifier": [{"system": "a|b", "value": "1,2"}]}

    assert matches("Invoice", r"identifier=a\|b|1\,2", body)
    assert matches("Invoice", r"identifier=1\,2", body)
    assert not matches("Invoice", "identifier=1,2", body)


@pytest.mark.parametrize(
    ("pair", "tokens"),
    [
        ("identifier=4711", ((None, "4711"),)),
        ("identifier=urn:x|4711", (("urn:x", "4711"),)),
        ("identifier=|4711", (("", "4711"),)),
        ("identifier=urn:x|", (("urn:x", ""),)),
        (r"identifier=urn:x|A\,b,c", (("urn:x", "A,b"), (None, "c"))),
        ("status:not=issued", ((None, "issued"),)),
        ("type=PBILLACCT", ((None, "PBILLACCT"),)),
        ("type:text=bill", ()),
        ("identifier:missing=true", ()),
        ("date=2026", ()),
    ],
)
def test_tokens_tell_what_was_named(
    pair: str, tokens: tuple[tuple[str | None, str], ...], criterion: Callable[[str, str], Criterion]
) -> None:
    assert criterion("Invoice", pair).tokens == tokens


def test_an_index_value_of_an_id_is_the_id(criterion: Callable[[str, str], Criterion]) -> None:
    """The files put it there without asking the parameter."""
    assert criterion("Invoice", "_id=x").parameter.index({"id": "inv-1"}) == ("inv-1",)
