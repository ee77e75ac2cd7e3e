"""GET [type]/[id]."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fhir_facade.errors import Resting, TimedOut, UnexpectedShape, Unreachable
from tests.api.conftest import BASE, Facade, Facades, authority, parsed
from tests.people import ANNA, ANNA_AT_LAKESIDE, NOT_ANNA
from tests.trees import references


def test_a_bill_is_read_exactly(facade: Facade) -> None:
    id = facade.record("Invoice", ANNA, "9301")
    raw = facade.get(f"Invoice/{id}").get_data(as_text=True)
    invoice = facade.json(f"Invoice/{id}")
    assert invoice["resourceType"] == "Invoice"
    assert invoice["id"] == id
    assert invoice["status"] == "issued"
    assert invoice["subject"]["reference"] == f"Patient/{facade.patient(ANNA)}"
    assert invoice["identifier"][0]["assigner"]["reference"] == "Organization/riverside"
    assert invoice["totalNet"]["value"] == Decimal("100000000000000.01")
    assert "100000000000000.01" in raw
    assert '"value":12.50' in raw


def test_every_reference_resolves(facade: Facade) -> None:
    todo = {
        f"Invoice/{facade.record('Invoice', ANNA, '9301')}",
        f"Appointment/{facade.record('Appointment', ANNA, '5001')}",
        f"PaymentNotice/{facade.record('PaymentNotice', ANNA, 'e3800')}",
        f"PaymentNotice/{facade.record('PaymentNotice', ANNA_AT_LAKESIDE, 'e3800')}",
    }
    seen: set[str] = set()
    while todo:
        reference = todo.pop()
        seen.add(reference)
        todo |= references(facade.json(reference)) - seen
    assert {reference.split("/")[0] for reference in seen} == {
        "Invoice",
        "Account",
        "Appointment",
        "PaymentNotice",
        "Patient",
        "Organization",
        "Location",
        "Practitioner",
    }


def test_the_same_number_elsewhere_is_somebody_else(facade: Facade) -> None:
    anna = facade.json(f"Patient/{facade.patient(ANNA)}")
    other = facade.json(f"Patient/{facade.patient(NOT_ANNA)}")
    assert anna["identifier"][0]["value"] == other["identifier"][0]["value"] == "1001"
    assert (anna["name"][0]["family"], other["name"][0]["family"]) == ("Example", "Different")


def test_everything_that_may_not_be_seen_is_one_404_byte_for_byte(facades: Facades) -> None:
    lakeside_off = facades((authority("riverside", "practice", select={"provider_group": frozenset({"1"})}),))
    known = lakeside_off.record("Invoice", ANNA, "9301")
    ids = [
        "1",
        "x" * 64,
        "x" * 65,
        "a.b-c",
        "%F0%9F%98%80",
        lakeside_off.record("Invoice", ANNA, "no-such-bill"),
        lakeside_off.record("Account", ANNA, "1"),
        lakeside_off.patient(ANNA),
        known[:-1] + ("A" if known[-1] != "A" else "B"),
        lakeside_off.record("Invoice", ANNA._replace(value="4711"), "9301"),
    ]
    answers = {lakeside_off.get(f"Invoice/{id}").get_data() for id in ids}
    assert len(answers) == 1
    assert all(lakeside_off.get(f"Invoice/{id}").status_code == 404 for id in ids)


def test_an_id_that_cannot_be_opened_asks_no_source(facade: Facade) -> None:
    facade.json("Invoice/nonsense", 404)
    assert facade.systems["practice"].asked == []


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (TimedOut("late"), 504, "timeout"),
        (Unreachable("ECONNREFUSED 10.0.0.7"), 502, "transient"),
        (UnexpectedShape("$.claims[0].amount"), 502, "transient"),
        (Resting("breaker", retry_after=7), 503, "transient"),
    ],
)
def test_a_sick_source_is_never_a_404(facade: Facade, failure: Exception, status: int, code: str) -> None:
    facade.systems["practice"].failure = failure  # type: ignore[assignment]
    response = facade.get(f"Invoice/{facade.record('Invoice', ANNA, '9301')}")
    outcome = parsed(response)
    assert (response.status_code, outcome["issue"][0]["code"]) == (status, code)
    assert response.headers.get("Retry-After") == ("7" if status == 503 else None)
    assert str(failure) not in response.get_data(as_text=True)


def test_a_known_bill_is_not_sent_again(facade: Facade) -> None:
    url = f"Invoice/{facade.record('Invoice', ANNA, '9301')}"
    first = facade.get(url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert etag == f'W/"{parsed(first)["meta"]["versionId"]}"'
    for headers in ({"If_None_Match": etag}, {"If_None_Match": "*"}, {"If_Modified_Since": modified}):
        again = facade.get(url, **headers)
        assert (again.status_code, again.get_data()) == (304, b"")
        assert again.headers["ETag"] == etag
    stale = facade.get(url, If_None_Match='W/"other"', If_Modified_Since=modified)
    assert stale.status_code == 200


def test_content_that_did_not_change_keeps_its_version_when_fetched_again(facades: Facades) -> None:
    facade = facades(life={"bills": 0.0})
    url = f"Invoice/{facade.record('Invoice', ANNA, '9301')}"
    first = facade.json(url)["meta"]
    facade.later(3600)
    second = facade.json(url)["meta"]
    assert (first["versionId"], first["lastUpdated"]) == (second["versionId"], second["lastUpdated"])
    assert first["extension"][0]["valueDateTime"] < second["extension"][0]["valueDateTime"]


def test_personal_answers_are_not_stored_anywhere(facade: Facade) -> None:
    response = facade.get(f"Invoice/{facade.record('Invoice', ANNA, '9301')}")
    assert response.headers["Cache-Control"] == "no-store"
    assert {"Accept", "Authorization", "Prefer", "Origin"} <= set(response.headers["Vary"].split(", "))
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_merged_number_keeps_answering(facade: Facade) -> None:
    old = ANNA._replace(value="1008")
    patient = facade.json(f"Patient/{facade.patient(old)}")
    new = f"Patient/{facade.patient(ANNA._replace(value='1009'))}"
    assert patient["active"] is False
    assert patient["link"] == [{"other": {"reference": new} | patient["link"][0]["other"], "type": "replaced-by"}]
    assert facade.json(new)["active"] is True


def test_elements_and_summary_on_a_read(facade: Facade) -> None:
    url = f"Invoice/{facade.record('Invoice', ANNA, '9301')}"
    some = facade.json(f"{url}?_elements=totalNet")
    assert set(some) >= {"resourceType", "id", "meta", "status", "totalNet"}
    assert "lineItem" not in some
    assert some["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert facade.json(f"{url}?_summary=nonsense", 400)["issue"][0]["expression"]


def test_organizations_have_the_authorities_own_ids(facade: Facade) -> None:
    organization = facade.json("Organization/riverside")
    assert organization["identifier"] == [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.3.6.1.4.1.99999.9"}]
    assert facade.json("Organization/unknown", 404)["issue"][0]["code"] == "not-found"


def test_full_urls_are_on_the_public_base(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}")
    assert all(entry["fullUrl"].startswith(f"{BASE}/Invoice/") for entry in bundle["entry"])
