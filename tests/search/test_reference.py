"""References in all their forms, and identifiers of what is referred to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fhir_facade.errors import Invalid
from fhir_facade.search.query import Criterion
from tests.search.conftest import BASE_URL, Judge, Resource

Criterion_ = Callable[[str, str], Criterion]
AUTHORITY = "urn:oid:1.3.6.1.4.1.99999.1"

FOUND = [
    ("Invoice", "patient=anna"),
    ("Invoice", "patient=Patient/anna"),
    ("Invoice", f"patient={BASE_URL}/Patient/anna"),
    ("Invoice", "patient=nobody,anna"),
    ("Invoice", "subject=anna"),
    ("Invoice", "subject=Patient/anna"),
    ("Invoice", "subject:Patient=anna"),
    ("Invoice", "subject:Patient=Patient/anna"),
    ("Invoice", f"subject:Patient={BASE_URL}/Patient/anna"),
    ("Invoice", f"patient:identifier={AUTHORITY}|1001"),
    ("Invoice", f"patient.identifier={AUTHORITY}|1001"),
    ("Invoice", f"subject:Patient.identifier={AUTHORITY}|1001"),
    ("Invoice", "subject.identifier=1001"),
    ("Invoice", f"subject.identifier={AUTHORITY}|"),
    ("Invoice", "participant=https://other.example.org/fhir/Organization/9"),
    ("Invoice", "participant=dr-1"),
    ("Invoice", "assigner=riverside"),
    ("Invoice", "assigner=Organization/riverside"),
    ("Invoice", f"assigner={BASE_URL}/Organization/riverside"),
    ("Invoice", "assigner:Organization=riverside"),
    ("Invoice", f"assigner:identifier=urn:ietf:rfc:3986|{AUTHORITY}"),
    ("Invoice", f"assigner:identifier={AUTHORITY}"),
    ("Invoice", "assigner:missing=false"),
    ("Account", "patient=anna"),
    ("Account", "assigner=riverside"),
    ("Appointment", "actor=anna"),
    ("Appointment", "actor=Location/main"),
    ("Appointment", "location=main"),
    ("Appointment", "patient:identifier=77"),
    ("Appointment", "supporting-info=d-1"),
    ("Appointment", "supporting-info:DocumentReference=d-1"),
    ("Appointment", "assigner=riverside"),
    ("PaymentNotice", "patient=anna"),
    ("PaymentNotice", f"patient:identifier={AUTHORITY}|1001"),
    ("PaymentNotice", "request=acc-1"),
    ("PaymentNotice", "request=Account/acc-1"),
    ("PaymentNotice", "request:Account=acc-1"),
    ("PaymentNotice", "covers=Account/acc-1"),
    ("PaymentNotice", "covers=inv-1"),
    ("PaymentNotice", "covers:Invoice=inv-2"),
    ("PaymentNotice", "assigner=riverside"),
    ("Patient", "assigner=riverside"),
    ("Patient", "link=anna-2"),
]
NOT_FOUND = [
    ("Invoice", "patient=ann"),
    ("Invoice", "patient=ANNA"),
    ("Invoice", "patient=Organization/anna"),
    ("Invoice", "patient=payer"),
    ("Invoice", "patient=https://other.example.org/fhir/Patient/anna"),
    ("Invoice", "patient=Patient/anna/_history/1"),
    ("Invoice", "patient=urn:uuid:6a7b0e8e-0000-4000-8000-000000000000"),
    ("Invoice", "subject:Group=anna"),
    ("Invoice", f"subject:Group.identifier={AUTHORITY}|1001"),
    ("Invoice", "patient:identifier=urn:oid:1.3.6.1.4.1.99999.2|1001"),
    ("Invoice", "patient:identifier=|1001"),
    ("Invoice", "participant=Organization/9"),
    ("Invoice", "participant=9"),
    ("Invoice", "assigner=nowhere"),
    ("Invoice", "assigner=Patient/riverside"),
    ("Invoice", "assigner:missing=true"),
    ("Appointment", "patient=dr-1"),
    ("Appointment", "location=anna"),
    ("PaymentNotice", "patient=boris"),
    ("PaymentNotice", "request=Invoice/acc-1"),
    ("PaymentNotice", "request=inv-1"),
    ("PaymentNotice", "covers=Invoice/acc-1"),
    ("PaymentNotice", "covers=inv-9"),
]


@pytest.mark.parametrize(("type", "pair"), FOUND)
def test_it_finds(type: str, pair: str, matches: Judge, sample: Callable[[str], Resource]) -> None:
    assert matches(type, pair, sample(type))


@pytest.mark.parametrize(("type", "pair"), NOT_FOUND)
def test_it_does_not_find(type: str, pair: str, matches: Judge, sample: Callable[[str], Resource]) -> None:
    assert not matches(type, pair, sample(type))


@pytest.mark.parametrize(
    "pair",
    [
        "patient=a b",
        "patient=Patient/",
        "patient=/anna",
        "patient=/Patient/anna",
        "patient=patient/anna",
        "patient=Patient/a/b",
        "patient=Patient/anna/_history/",
        "patient=Patient/anna/_history/a b",
        "patient=anna_1",
        "patient=#anna",
        "patient=" + "a" * 65,
        "patient=Patient/anna|1",
        "patient=anna,,/",
        "subject:Patient=Group/anna",
        "subject:Patient=urn:uuid:1",
        "patient:identifier=a|b|c",
        "patient.identifier=|",
        "patient:missing=1",
    ],
)
def test_a_malformed_reference_is_refused(pair: str, criterion: Criterion_) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Invoice", pair)

    assert (refusal.value.code, refusal.value.expression) == ("value", pair.partition("=")[0])
    assert "anna" not in refusal.value.diagnostics


@pytest.mark.parametrize(
    "name",
    [
        "patient.name",
        "patient.identifier.system",
        "patient:Patient.name",
        "patient:identifier.identifier",
        "patient:missing.identifier",
        "patient.identifier:not",
        "patient:Group",
        "patient:Banana",
        "subject:patient",
        "patient:exact",
        "patient:not",
        "patient:below",
        "status.identifier",
        "assigner:Patient",
    ],
)
def test_other_modifiers_and_chains_are_refused(name: str, criterion: Criterion_) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Invoice", f"{name}=anna")

    assert (refusal.value.code, refusal.value.expression) == ("not-supported", name)


def test_any_type_of_r4_is_a_modifier_where_any_is_meant_and_no_other(criterion: Criterion_) -> None:
    criterion("PaymentNotice", "request:Coverage=1")
    with pytest.raises(Invalid, match="not supported"):
        criterion("PaymentNotice", "request:Banana=1")


@pytest.mark.parametrize(
    ("type", "pair", "references"),
    [
        ("Invoice", "patient=anna", ("Patient/anna",)),
        ("Invoice", f"patient={BASE_URL}/Patient/anna,Patient/boris", ("Patient/anna", "Patient/boris")),
        ("Invoice", "subject=anna", ("Group/anna", "Patient/anna")),
        ("Invoice", "subject:Patient=anna", ("Patient/anna",)),
        ("Invoice", "patient=Patient/anna/_history/2", ("Patient/anna",)),
        ("Invoice", "patient=https://x.example/Patient/1", ("https://x.example/Patient/1",)),
        ("PaymentNotice", "request=acc-1", ("acc-1",)),
        ("PaymentNotice", "covers=a", ("Invoice/a", "Account/a", "Appointment/a")),
        ("Invoice", "patient:identifier=1", ()),
        ("Invoice", "patient:missing=false", ()),
        ("Invoice", "status=issued", ()),
    ],
)
def test_references_tell_what_was_named(
    type: str, pair: str, references: tuple[str, ...], criterion: Criterion_
) -> None:
    assert criterion(type, pair).references == references


@pytest.mark.parametrize("name", ["patient:identifier", "patient.identifier", "subject:Patient.identifier"])
def test_the_tokens_of_an_identifier_are_told_too(name: str, criterion: Criterion_) -> None:
    assert criterion("Invoice", f"{name}={AUTHORITY}|1001").tokens == ((AUTHORITY, "1001"),)


def invoice_of(reference: str) -> Resource:
    return {"subject": {"reference": reference}}


@pytest.mark.parametrize(
    ("reference", "value", "found"),
    [
        ("Patient/anna/_history/2", "Patient/anna", True),
        ("Patient/anna/_history/2", "anna", True),
        ("Patient/anna/_history/2", "Patient/anna/_history/2", True),
        ("Patient/anna/_history/2", "Patient/anna/_history/3", False),
        ("Patient/anna/_history/2", "Patient/anna/_history/3,Patient/anna", True),
        (f"{BASE_URL}/Patient/anna", "Patient/anna", True),
        (f"{BASE_URL}/Patient/anna", "anna", True),
        (f"{BASE_URL}/Patient/anna", f"{BASE_URL}/Patient/anna", True),
        ("https://other.example.org/Patient/anna", "anna", False),
        ("https://other.example.org/Patient/anna/_history/1", "https://other.example.org/Patient/anna", True),
        ("urn:uuid:1", "urn:uuid:1", True),
        ("#anna", "anna", False),
    ],
)
def test_versions_and_absolute_references(reference: str, value: str, found: bool, matches: Judge) -> None:
    assert matches("Invoice", f"subject={value}", invoice_of(reference)) is found


def test_a_bare_id_means_no_reference_to_another_server(matches: Judge) -> None:
    assert matches("PaymentNotice", "request=9", {"request": {"reference": "Claim/9"}})
    assert not matches("PaymentNotice", "request=9", {"request": {"reference": "https://other.example.org/Claim/9"}})


@pytest.mark.parametrize(
    ("reference", "missing"),
    [
        ({"reference": "Patient/a"}, False),
        ({"identifier": {"value": "1"}}, False),
        ({"display": "somebody"}, False),
        ({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]}, True),
        ({}, True),
    ],
)
def test_a_reference_is_missing_when_it_says_nothing(reference: Resource, missing: bool, matches: Judge) -> None:
    assert matches("Invoice", "subject:missing=true", {"subject": reference}) is missing


class TestMergedPatients:
    def test_more_references_are_admitted_and_listed(self, criterion: Criterion_) -> None:
        before = criterion("Invoice", "patient=old")
        after = before.with_references(["Patient/new"])
        new = after.parameter.index(invoice_of("Patient/new"))

        assert not before.admits(new)
        assert after.admits(new)
        assert after.admits(after.parameter.index(invoice_of("Patient/old")))
        assert not after.admits(after.parameter.index(invoice_of("Patient/other")))
        assert after.references == ("Patient/old", "Patient/new")
        assert after.text == "old,Patient/new"

    def test_an_identifier_admits_them_and_keeps_its_text(self, criterion: Criterion_) -> None:
        after = criterion("Invoice", "patient:identifier=1001").with_references(["Patient/new"])

        assert after.admits(after.parameter.index(invoice_of("Patient/new")))
        assert (after.text, after.references, after.tokens) == ("1001", (), ((None, "1001"),))

    @pytest.mark.parametrize("pair", ["patient=Patient/new", "patient:missing=true", "status=issued"])
    def test_nothing_changes_where_nothing_is_added(self, pair: str, criterion: Criterion_) -> None:
        one = criterion("Invoice", pair)

        assert one.with_references(["Patient/new"]) is one
