"""GET [type]?… and POST [type]/_search."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

from fhir_facade.guard.caller import ANYBODY, Caller
from tests.api.conftest import BASE, Facade, Facades, numbers, outcomes, parsed
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS, NOT_ANNA


def test_a_patients_bills_newest_first(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}")
    assert bundle["total"] == 4
    assert numbers(bundle) == ["9304", "9303", "9302", "9301"]
    assert bundle["link"][0] == {
        "relation": "self",
        "url": f"{BASE}/Invoice?patient={facade.patient(ANNA)}&_sort=-date",
    }


def test_a_patient_without_bills_is_an_empty_searchset(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA._replace(value='4711'))}")
    assert bundle["total"] == 0
    assert "entry" not in bundle


@pytest.mark.parametrize("form", ["{id}", "Patient/{id}", f"{BASE}/Patient/{{id}}"])
def test_three_ways_to_name_a_patient(facade: Facade, form: str) -> None:
    named = form.format(id=facade.patient(ANNA))
    assert len(numbers(facade.json(f"Invoice?patient={named}"))) == 4
    assert len(numbers(facade.json(f"Invoice?subject={named}"))) == 4


def test_the_same_person_at_two_authorities_of_a_practice(facade: Facade) -> None:
    both = f"{facade.patient(ANNA)},{facade.patient(ANNA_AT_LAKESIDE)}"
    assert len(numbers(facade.json(f"Invoice?patient={both}"))) == 5
    assert facade.systems["practice"].asked == ["bills"]


@pytest.mark.parametrize(
    ("parameter", "found"),
    [
        ("assigner=lakeside", ["9401"]),
        ("assigner=Organization/lakeside", ["9401"]),
        (f"assigner={BASE}/Organization/lakeside", ["9401"]),
        ("assigner:Organization=lakeside", ["9401"]),
        ("assigner:identifier=urn:ietf:rfc:3986|urn:oid:1.3.6.1.4.1.99999.8", ["9401"]),
        ("assigner=lakeside,riverside&_count=1", ["9304"]),
        ("assigner=lakeside&assigner=riverside", []),
        ("assigner=nowhere", []),
        ("assigner:missing=true", []),
        ("assigner:missing=false&status=issued", ["9301", "9401"]),
    ],
)
def test_assigner(facade: Facade, parameter: str, found: list[str]) -> None:
    both = f"{facade.patient(ANNA)},{facade.patient(ANNA_AT_LAKESIDE)}"
    assert sorted(numbers(facade.json(f"Invoice?patient={both}&{parameter}"))) == sorted(found)


@pytest.mark.parametrize(
    ("parameter", "found"),
    [
        ("status=issued", ["9301"]),
        ("status:not=issued", ["9302", "9303", "9304"]),
        ("status=balanced,draft", ["9302", "9303", "9304"]),
        ("status=no-such-code", []),
        ("date=2026-01", ["9301", "9302", "9303", "9304"]),
        ("date=gt2026-01-03", ["9303", "9304"]),
        ("totalnet=100000000000000.01", ["9301", "9302", "9303", "9304"]),
        ("totalnet=gt100000000000000.01", []),
        ("totalgross=ge1||USD", ["9301", "9302", "9303", "9304"]),
        ("totalgross=ge1||EUR", []),
        ("identifier=9302", ["9302"]),
        (f"identifier={BASE}/identifiers/riverside/invoice|9302", ["9302"]),
        ("identifier=urn:other|9302", []),
        ("issuer=riverside", ["9301", "9302", "9303", "9304"]),
        ("type:missing=true", ["9301", "9302", "9303", "9304"]),
        ("recipient:missing=false", []),
    ],
)
def test_parameters_of_an_invoice(facade: Facade, parameter: str, found: list[str]) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}&{parameter}")
    assert sorted(numbers(bundle)) == found
    assert bundle["total"] == len(found)


def test_by_account(facade: Facade) -> None:
    account = facade.record("Account", ANNA, "1")
    assert len(numbers(facade.json(f"Invoice?account=Account/{account}"))) == 4


def test_by_a_patients_number(facade: Facade) -> None:
    system = "urn:oid:1.3.6.1.4.1.99999.9"
    for parameter in (f"patient:identifier={system}|1002", f"patient.identifier={system}|1002"):
        assert numbers(facade.json(f"Invoice?{parameter}")) == ["9311"]
    assert numbers(facade.json(f"Patient?identifier={system}|1002")) == ["1002"]


def test_a_number_without_a_system_is_everybody_who_has_it(facade: Facade) -> None:
    bundle = facade.json("Patient?identifier=1001")
    names = [entry["resource"]["name"][0]["family"] for entry in bundle["entry"]]
    assert sorted(names) == ["Different", "Example", "Example"]


def test_without_a_patient_only_where_the_billing_system_can_scan(facade: Facade) -> None:
    refused = facade.json("Invoice", 400)
    assert refused["issue"][0]["code"] == "too-costly"
    assert numbers(facade.json("Invoice?assigner=clinic")) == ["7701"]
    assert facade.json("Invoice?status=issued", 400)["issue"][0]["code"] == "too-costly"
    assert facade.json("Invoice?assigner=nowhere")["total"] == 0


def test_by_a_number_that_the_billing_system_can_find(facade: Facade) -> None:
    found = facade.json(f"Invoice?identifier={BASE}/identifiers/clinic/invoice|7701")
    assert numbers(found) == ["7701"]
    lost = facade.json(f"Invoice?identifier={BASE}/identifiers/riverside/invoice|9301", 400)
    assert lost["issue"][0]["code"] == "too-costly"


def test_by_id(facade: Facade) -> None:
    ids = ",".join(
        (facade.record("Invoice", ANNA, "9301"), facade.record("Invoice", BORIS, "9311"), "unknown", "also-unknown")
    )
    assert sorted(numbers(facade.json(f"Invoice?_id={ids}"))) == ["9301", "9311"]
    assert facade.json("Invoice?_id=unknown")["total"] == 0


def test_payments_of_a_bill(facade: Facade) -> None:
    invoice = facade.record("Invoice", ANNA, "9301")
    for parameter in (f"request=Invoice/{invoice}", f"covers=Invoice/{invoice}", f"patient={facade.patient(ANNA)}"):
        notice = facade.json(f"PaymentNotice?{parameter}")["entry"][0]["resource"]
        assert str(notice["amount"]["value"]) == "5"
        assert notice["request"]["reference"] == f"Invoice/{invoice}"


def test_post_is_the_same_search(facade: Facade) -> None:
    body = f"patient={facade.patient(ANNA)}&status=issued"
    posted = facade.client.post(
        "/fhir/Invoice/_search?_count=1", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert numbers(parsed(posted)) == ["9301"]
    wrong = facade.client.post("/fhir/Invoice/_search", data="{}", content_type="application/json")
    assert wrong.status_code == 415


def test_an_unknown_parameter_is_ignored_aloud(facade: Facade) -> None:
    patient = facade.patient(ANNA)
    bundle = facade.json(f"Invoice?patient={patient}&flavour=sweet&_totalMethod=count")
    assert bundle["total"] == 4
    assert [(issue["severity"], issue["code"]) for issue in outcomes(bundle)] == [("warning", "not-supported")] * 2
    assert "flavour" not in bundle["link"][0]["url"]
    strict = facade.json(f"Invoice?patient={patient}&flavour=sweet", 400, Prefer="handling=strict")
    assert strict["issue"][0]["code"] == "not-supported"
    assert facade.json("Invoice", 400, Prefer="handling=foo")["issue"][0]["code"] == "value"


@pytest.mark.parametrize(
    "query",
    ["status:above=issued", "date=05", "patient.name=x", "_count=abc", "_summary=xyz", "totalnet=lt", "type=a|b|c|d"],
)
def test_what_cannot_be_meant_is_refused(facade: Facade, query: str) -> None:
    outcome = facade.json(f"Invoice?patient={facade.patient(ANNA)}&{query}", 400)
    assert outcome["issue"][0]["expression"]


def test_pages_join_to_the_whole(facade: Facade) -> None:
    whole = numbers(facade.json(f"Invoice?patient={facade.patient(ANNA)}"))
    for size in (1, 2, 3):
        url, joined, pages = f"Invoice?patient={facade.patient(ANNA)}&_count={size}", [], []
        while url:
            bundle = facade.json(url)
            assert bundle["total"] == 4
            joined += numbers(bundle)
            pages.append(numbers(bundle))
            links = {link["relation"]: link["url"] for link in bundle["link"]}
            url = links.get("next", "").removeprefix(BASE + "/")
        assert joined == whole
        for earlier in reversed(pages[:-1]):
            bundle = facade.json(links["previous"].removeprefix(BASE + "/"))
            assert numbers(bundle) == earlier
            links = {link["relation"]: link["url"] for link in bundle["link"]}
        assert "previous" not in links


def test_a_page_link_survives_its_clients(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}&_count=1")
    link = next(link["url"] for link in bundle["link"] if link["relation"] == "next")
    token = urlsplit(link).query.removeprefix("_page=")
    assert numbers(facade.json(f"Invoice?_page={quote(token, safe='')}")) == ["9303"]
    assert facade.json(f"Invoice?_page={token[:-2]}AA", 400)["issue"][0]["code"] == "value"
    assert facade.json(f"Account?_page={token}", 400)["issue"][0]["code"] == "value"


def test_counting(facade: Facade) -> None:
    patient = facade.patient(ANNA)
    for query in ("_count=0", "_summary=count", "_count=0&_totalMethod=count"):
        bundle = facade.json(f"Invoice?patient={patient}&{query}")
        assert bundle["total"] == 4
        assert numbers(bundle) == []
    assert "total" not in facade.json(f"Invoice?patient={patient}&_total=none")


def test_sorting(facade: Facade) -> None:
    patient = facade.patient(ANNA)
    assert numbers(facade.json(f"Invoice?patient={patient}&_sort=date")) == ["9301", "9302", "9303", "9304"]
    assert numbers(facade.json(f"Invoice?patient={patient}&_sort=status,-date")) == ["9304", "9302", "9303", "9301"]


def test_too_large_a_page_is_served_with_a_warning(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}&_count=5000")
    assert [issue["severity"] for issue in outcomes(bundle)] == ["warning"]
    assert "_count=200" in bundle["link"][0]["url"]


def test_a_search_shows_when_the_source_was_asked(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}")
    assert bundle["meta"]["extension"] == [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/lastSourceSync",
            "valueDateTime": "2026-11-23T12:00:00Z",
        }
    ]


def test_a_file_is_fetched_once_in_its_life(facade: Facade) -> None:
    for _ in range(3):
        facade.json(f"Invoice?patient={facade.patient(ANNA)}")
        facade.json(f"Invoice/{facade.record('Invoice', ANNA, '9301')}")
    assert facade.systems["practice"].asked == ["bills"]


def test_only_scans_of_the_authorities_concerned(facade: Facade) -> None:
    assert facade.json(f"Invoice?patient={facade.patient(NOT_ANNA)}")["total"] == 1
    assert facade.systems["practice"].asked == []


def test_appointments_with_a_practitioner_alone_name_nobody(facade: Facade) -> None:
    practitioner = facade.house.finder.ids.support("Practitioner", "riverside", "86")
    assert facade.json(f"Appointment?actor=Practitioner/{practitioner}", 400)["issue"][0]["code"] == "too-costly"
    found = facade.json(f"Appointment?actor=Practitioner/{practitioner}&patient={facade.patient(ANNA)}")
    assert numbers(found) == ["5001"]


def test_places_and_definitions_are_found_without_a_patient(facade: Facade) -> None:
    assert facade.json("Location?name=River")["total"] == 2  # one for each authority of the practice
    assert facade.json("Organization")["total"] == 3
    found = facade.json("SearchParameter?url=https://w3id.org/fhir-facade/SearchParameter/assigner")
    assert found["total"] == 1


def test_a_merged_number_finds_the_bills(facade: Facade) -> None:
    assert facade.json(f"Patient?_id={facade.patient(ANNA._replace(value='1008'))}")["total"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "identifier:text=9301",
        "identifier=urn:x|",
        "patient:identifier=urn:x|",
        "patient:missing=false",
        "subject:missing=true",
    ],
)
def test_what_names_nobody_in_particular_confines_to_nobody(facade: Facade, query: str) -> None:
    assert facade.json(f"Invoice?{query}", 400)["issue"][0]["code"] == "too-costly"
    facade.json(f"Invoice?{query}&patient={facade.patient(ANNA)}")


def test_an_organisations_identifier_system_alone_matches_all(facade: Facade) -> None:
    found = facade.json(f"Invoice?patient={facade.patient(ANNA)}&assigner:identifier=urn:ietf:rfc:3986|")
    assert found["total"] == 4


def test_an_ignored_parameter_is_named(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}&_has:X:y:z=1&_sort=flavour")
    parameter, key = outcomes(bundle)
    assert "_has:X:y:z" in parameter["diagnostics"]
    assert "flavour" in key["diagnostics"]


def test_an_answer_that_is_kept_is_the_callers_and_the_files_own(facades: Facades) -> None:
    facade = facades(life={"bills": 60.0})
    mine, others = f"Invoice?patient={facade.patient(ANNA)}", f"Invoice?patient={facade.patient(ANNA)}&status=issued"
    first = facade.get(mine).get_data()
    assert facade.get(others).get_data() != first
    assert facade.get(mine).get_data() == first == facade.get(mine).get_data()
    facade.caller = Caller("boris", frozenset({BORIS}))
    assert facade.json(mine)["total"] == 0
    facade.caller = ANYBODY
    assert facade.get(mine).get_data() == first
