"""The demo's whole world, through the facade: athenahealth over HTTP, the clinic over SQL."""

from __future__ import annotations

import json
import shlex
from decimal import Decimal
from string import Template
from typing import Any

import pytest
import requests

from fhir_facade.house import House
from fhir_facade.keys import PatientKey
from fhir_facade.sandbox.lines import lines_to_paste
from tests.e2e.conftest import Get, Smart
from tests.trees import references

BASE = "http://127.0.0.1:8080/fhir"
PERSONAL = ("Invoice", "Account", "Appointment", "PaymentNotice")
NUMBERS = [str(number) for number in range(1000, 1014)]
AUTHORITIES = ("riverside", "lakeside", "clinic")


@pytest.fixture(scope="module")
def everything(house: House, get: Get) -> dict[str, list[Any]]:
    """All personal resources of the sample world by type."""
    keys = [PatientKey(authority, number) for authority in AUTHORITIES for number in NUMBERS]
    patients = ",".join(house.finder.ids.patient(key) for key in keys)
    found = {type: _all(get, f"{type}?patient={patients}&_count=200") for type in PERSONAL}
    at_the_clinic = [
        p for p in _all(get, "Patient?assigner=clinic&_count=200") if p["identifier"][0]["value"] != "1001"
    ]
    return found | {"Patient": _all(get, f"Patient?_id={patients}&_count=200") + at_the_clinic}


def _all(get: Get, path: str) -> list[Any]:
    found: list[Any] = []
    while path:
        bundle = get(path)
        found += [entry["resource"] for entry in bundle.get("entry", [])]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        path = links.get("next", "").rpartition("/fhir/")[2]
    assert len(found) == bundle["total"]
    return found


def test_the_world_is_as_rich_as_promised(everything: dict[str, list[Any]]) -> None:
    invoices = everything["Invoice"]
    assert {invoice["status"] for invoice in invoices} >= {"issued", "balanced", "draft"}
    assert {invoice["issuer"]["reference"] for invoice in invoices} == {f"Organization/{id}" for id in AUTHORITIES}
    balances = [_money(account) for account in everything["Account"]]
    assert Decimal("-978.7") in balances
    assert {a["status"] for a in everything["Appointment"]} >= {"booked", "cancelled", "fulfilled"}
    assert "active" in {notice["status"] for notice in everything["PaymentNotice"]}
    assert Decimal("0.16") in [n["amount"]["value"] for n in everything["PaymentNotice"]] + balances


def _money(account: Any) -> Decimal | None:
    parts = {part["url"]: part for ext in account.get("extension", []) for part in ext.get("extension", [])}
    return Decimal(parts["amount"]["valueMoney"]["value"]) if "amount" in parts else None


def test_a_dozen_people_and_one_number_that_is_two_of_them(everything: dict[str, list[Any]]) -> None:
    named = [patient for patient in everything["Patient"] if "name" in patient]  # a number that was merged has none
    assert len({(p["name"][0].get("family"), *p["name"][0].get("given", ())) for p in named}) >= 12
    shared = [p for p in named if p["identifier"][0]["value"] == "1001"]
    assert len({p["name"][0]["family"] for p in shared}) == 2


def test_one_person_has_bills_in_both_provider_groups(everything: dict[str, list[Any]]) -> None:
    issuers: dict[tuple[str, bool], set[str]] = {}
    for invoice in everything["Invoice"]:
        number, at_clinic = invoice["subject"]["identifier"]["value"], "clinic" in invoice["issuer"]["reference"]
        issuers.setdefault((number, at_clinic), set()).add(invoice["issuer"]["reference"])
    assert {"Organization/riverside", "Organization/lakeside"} in issuers.values()


def test_every_reference_resolves(everything: dict[str, list[Any]], get: Get) -> None:
    todo = {f"{type}/{resource['id']}" for type, found in everything.items() for resource in found}
    seen: set[str] = set()
    while todo:
        reference = todo.pop()
        seen.add(reference)
        todo |= references(get(reference)) - seen
    assert {reference.split("/")[0] for reference in seen} == {
        *PERSONAL,
        "Patient",
        "Organization",
        "Location",
        "Practitioner",
    }


def test_restricted_and_deleted_people_are_nobody(house: House, everything: dict[str, list[Any]]) -> None:
    client = house.app.test_client()
    unknown = client.get("/fhir/Patient/nobody").get_data()
    for number in ("1007", "1009", "4711"):
        for authority in ("riverside", "lakeside"):
            answer = client.get(f"/fhir/Patient/{house.finder.ids.patient(PatientKey(authority, number))}")
            assert (answer.status_code, answer.get_data()) == (404, unknown)
    told = {resource["subject"]["identifier"]["value"] for resource in everything["Invoice"]}
    assert "1007" not in told


def test_ids_show_no_number(everything: dict[str, list[Any]]) -> None:
    for found in everything.values():
        for resource in found:
            assert resource["identifier"][0]["value"] not in resource["id"]


def test_a_merged_number_answers_with_the_number_in_force(house: House, get: Get) -> None:
    old, new = (house.finder.ids.patient(PatientKey("riverside", number)) for number in ("1005", "1006"))
    replaced = get(f"Patient/{old}")
    assert (replaced["active"], replaced["link"][0]["type"]) == (False, "replaced-by")
    assert replaced["link"][0]["other"]["reference"] == f"Patient/{new}"
    assert get(f"Invoice?patient={old}")["total"] == get(f"Invoice?patient={new}")["total"]


def test_the_lines_to_paste_without_tokens_work(house: House) -> None:
    lines = [line for _, line in lines_to_paste(house, BASE)]
    assert len(lines) >= 8
    for line in lines:
        assert pasted(house, line, {})["total" if "metadata" not in line else "rest"], line


def test_the_lines_to_paste_work(smart: Smart) -> None:
    first, *lines = [line for _, line in lines_to_paste(smart.house, BASE, smart.issuer)]
    variables: dict[str, str] = {}
    for line in (first, *lines):
        name, is_variable, value = line.partition("=$(curl -s '")
        if is_variable:
            variables[name] = requests.get(value.removesuffix("')"), timeout=10).text
        else:
            assert pasted(smart.house, line, variables)["total" if "metadata" not in line else "rest"], line
    assert (set(variables), first.startswith("TOKEN=")) == ({"TOKEN", "EXCHANGE"}, True)
    assert len(lines) >= 9


def pasted(house: House, line: str, variables: dict[str, str]) -> Any:
    """What a shell with these variables would show."""
    command, *words = shlex.split(Template(line).substitute(variables))
    assert command == "curl"
    options = dict(zip(words[:-1:2], words[1:-1:2], strict=True))
    headers = dict([options["-H"].split(": ")]) if "-H" in options else {}
    path, data = words[-1].removeprefix("http://127.0.0.1:8080"), options.get("-d")
    client, form = house.app.test_client(), "application/x-www-form-urlencoded"
    if data:
        response = client.post(path, data=data, content_type=form, headers=headers)
    else:
        response = client.get(path, headers=headers)
    assert response.status_code == 200, line
    return json.loads(response.get_data())
