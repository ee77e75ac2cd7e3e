"""Parts of resources are tagged, valid, and hold what was asked for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from fhir_facade.search.subset import subset
from fhir_facade.specification.files import document
from tests.conftest import Judge as Official
from tests.search.conftest import Resource

TYPES = ("Invoice", "Account", "Appointment", "PaymentNotice", "Patient", "Organization", "Location", "Practitioner")
TAG = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}
Sample = Callable[[str], Resource]


def asking(type: str) -> list[tuple[str | None, tuple[str, ...]]]:
    return [("true", ()), ("text", ()), ("data", ()), (None, ("id",)), (None, ("identifier",)), (None, ("nothing",))]


@pytest.mark.parametrize("type", TYPES)
def test_every_part_is_valid_r4_and_tagged_and_leaves_the_whole_alone(
    type: str, sample: Sample, official: Official
) -> None:
    body = sample(type)
    before = copy.deepcopy(body)
    for summary, elements in asking(type):
        part = subset(type, body, summary, elements)

        official(part)
        assert part["meta"]["tag"] == [TAG]
        assert part["meta"]["lastUpdated"] == body["meta"]["lastUpdated"]
        assert (part["resourceType"], part["id"]) == (type, body["id"])
        assert set(document("summary-elements.json")[type]["mandatory"]) <= set(part)
    assert body == before


@pytest.mark.parametrize(("summary", "elements"), [(None, ()), ("false", ()), ("count", ())])
def test_the_whole_stays_the_whole(summary: str | None, elements: tuple[str, ...], sample: Sample) -> None:
    body = sample("Invoice")

    assert subset("Invoice", body, summary, elements) is body


def test_a_summary_has_the_elements_that_hl7_marks(sample: Sample) -> None:
    part = subset("Invoice", sample("Invoice"), "true", ())

    assert set(part) == {
        "resourceType", "id", "meta", "identifier", "status", "type", "subject", "recipient", "date", "totalNet",
        "totalGross",
    }  # fmt: skip


def test_a_summary_keeps_mandatory_elements_that_are_not_marked(sample: Sample) -> None:
    """R4's Appointment.participant is 1..* and not in the summary."""
    assert "participant" in subset("Appointment", sample("Appointment"), "true", ())


def test_text_and_data_divide_the_narrative(sample: Sample) -> None:
    body = sample("Invoice") | {"text": {"status": "generated", "div": "<div/>"}, "_text": {}}

    assert set(subset("Invoice", body, "text", ())) == {"resourceType", "id", "meta", "text", "_text", "status"}
    assert set(subset("Invoice", body, "data", ())) == set(body) - {"text", "_text"}


def test_elements_are_those_and_the_mandatory_ones(sample: Sample) -> None:
    part = subset("Invoice", sample("Invoice"), None, ("date", "totalNet"))

    assert set(part) == {"resourceType", "id", "meta", "status", "date", "totalNet"}
    assert part["totalNet"] == sample("Invoice")["totalNet"]


def test_a_choice_is_asked_for_by_its_name_without_type(sample: Sample) -> None:
    for name in ("deceased", "deceasedDateTime"):
        assert "deceasedDateTime" in subset("Patient", sample("Patient"), None, (name,))


def test_a_primitives_extension_goes_with_it() -> None:
    body: dict[str, Any] = {"resourceType": "Appointment", "id": "1", "_end": {"extension": []}, "_start": {}}

    assert "_end" in subset("Appointment", body, None, ("end",))
    assert "_start" not in subset("Appointment", body, None, ("end",))


def test_modifier_extensions_and_tags_are_kept() -> None:
    tag = {"code": "test"}
    body = {"resourceType": "Invoice", "id": "1", "meta": {"tag": [tag]}, "modifierExtension": [{"url": "x"}]}

    assert subset("Invoice", body, None, ("date",)) == body | {"meta": {"tag": [tag, TAG]}}


def test_a_body_without_meta_gets_one_for_the_tag() -> None:
    assert subset("Invoice", {"resourceType": "Invoice"}, "data", ())["meta"] == {"tag": [TAG]}


def test_contained_resources_stay_while_something_kept_refers_to_them(sample: Sample) -> None:
    """The mandatory PaymentNotice.payment is "#reconciliation"; the bank is referred to by nothing."""
    part = subset("PaymentNotice", sample("PaymentNotice"), "true", ())

    assert [resource["id"] for resource in part["contained"]] == ["reconciliation"]


def test_contained_resources_of_contained_resources_stay_too() -> None:
    body = {
        "resourceType": "Invoice",
        "account": {"reference": "#a"},
        "contained": [
            {"id": "a", "owner": {"reference": "#b"}},
            {"id": "b", "partOf": {"reference": "#a"}},
            {"id": "c", "partOf": {"reference": "#b"}},
        ],
    }

    assert [one["id"] for one in subset("Invoice", body, None, ("account",))["contained"]] == ["a", "b"]
    assert "contained" not in subset("Invoice", body, None, ("date",))
    assert len(subset("Invoice", body, None, ("contained",))["contained"]) == 3
