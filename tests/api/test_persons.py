"""A person who is known to several authorities: their bills come together, and stay apart from everybody else's."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import Bills, Client
from fhir_facade.state.crosswalk import Crosswalk, Known, Proxy
from fhir_facade.state.database import Database
from tests.api.conftest import BASE, Facade, Facades, bearer, numbers, parsed
from tests.bell.issuing import IssuerStub
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS, NOT_ANNA

AT_THE_CLINIC = PatientKey("clinic", "2002")  # where 1001 is somebody else; the clinic itself does not know this number
PEOPLE = [
    Known("anna", ANNA),
    Known("anna", ANNA_AT_LAKESIDE),
    Known("anna", AT_THE_CLINIC),
    Known("boris", BORIS),
    Known("nora", NOT_ANNA),
]


@pytest.fixture
def smart(facades: Facades, issuer: IssuerStub) -> Facade:
    facade = facades()
    facade.trust(issuer, patient_means="person")
    known(facade)
    return facade


def known(facade: Facade, *proxies: Proxy) -> None:
    with closing(Database(facade.settings.server.state)) as database:
        Crosswalk(database).replace(PEOPLE, proxies)


def token(issuer: IssuerStub, person: Any, scope: str = "patient/*.rs", **claims: Any) -> dict[str, str]:
    return bearer(issuer, patient=person, scope=scope, **claims)


def owners(bundle: Any) -> set[str]:
    return {entry["resource"]["subject"]["reference"] for entry in bundle.get("entry", ())}


def test_a_persons_bills_are_gathered_from_everywhere(smart: Facade, issuer: IssuerStub) -> None:
    anna = token(issuer, "anna")
    bundle = smart.json("Invoice", **anna)
    assert bundle["total"] == 5
    assert owners(bundle) <= {f"Patient/{smart.patient(key)}" for _, key in PEOPLE[:3]}
    for named in ("anna", "Patient/anna", f"{BASE}/Patient/anna"):
        found = smart.json(f"Invoice?patient={named}", **anna)
        assert (found["total"], numbers(found)) == (5, numbers(bundle))
        self_link = found["link"][0]["url"]
        assert "anna" not in self_link
        assert smart.patient(ANNA) in self_link


def test_pages_of_a_persons_bills_join_to_the_whole(smart: Facade, issuer: IssuerStub) -> None:
    anna = token(issuer, "anna")
    whole, bundle = numbers(smart.json("Invoice", **anna)), smart.json("Invoice?patient=anna&_count=2", **anna)
    seen = numbers(bundle)
    while link := next((each["url"] for each in bundle["link"] if each["relation"] == "next"), None):
        bundle = smart.json(link.removeprefix(f"{BASE}/"), **anna)
        assert bundle["total"] == 5
        seen += numbers(bundle)
    assert seen == whole


def test_the_person_patient_links_to_the_local_ones(smart: Facade, issuer: IssuerStub) -> None:
    person = smart.json("Patient/anna", **token(issuer, "anna"))
    assert [link["type"] for link in person["link"]] == ["seealso"] * 2
    assert {link["other"]["reference"] for link in person["link"]} == {
        f"Patient/{smart.patient(key)}" for key in (ANNA, ANNA_AT_LAKESIDE)
    }


def test_no_date_of_a_person_tells_what_others_read(smart: Facade, issuer: IssuerStub) -> None:
    clients = (Client("one", ("riverside",), ("view",)), Client("two", ("riverside", "lakeside"), ("view",)))
    smart.trust(issuer, clients, patient_means="person")
    dates = []
    for client in ("one", "two", "one"):
        issuer.clock.advance(60)
        smart.now = issuer.clock.now
        dates.append(smart.json("Patient/anna", **token(issuer, "anna", client_id=client))["meta"]["lastUpdated"])
    assert dates[0] == dates[2] != dates[1]


def test_a_person_is_there_for_nobody_else(smart: Facade, issuer: IssuerStub) -> None:
    boris = token(issuer, "boris")
    theirs, none = smart.get("Patient/anna", **boris), smart.get("Patient/unknown", **boris)
    assert (theirs.status_code, theirs.get_data()) == (404, none.get_data())
    assert smart.json("Invoice?patient=anna", **boris)["total"] == 0
    assert smart.json("Invoice?patient=boris", **boris)["total"] == smart.json("Invoice", **boris)["total"] == 1


def test_a_person_patient_is_not_shown_where_a_condition_cannot_hold_for_it(smart: Facade, issuer: IssuerStub) -> None:
    smart.json("Patient/anna", 404, **token(issuer, "anna", "patient/Patient.rs?active=true"))
    smart.json("Patient/anna", 403, **token(issuer, "anna", "patient/Patient.s"))


def test_who_is_not_in_the_crosswalk_is_nobody(smart: Facade, issuer: IssuerStub) -> None:
    assert parsed(smart.get("Invoice", **token(issuer, "eve")))["issue"][0]["code"] == "forbidden"


def test_a_proxy_sees_exactly_those_they_act_for(smart: Facade, issuer: IssuerStub) -> None:
    known(smart, Proxy("boris", "anna", billing=True, expires=issuer.clock.now.date()))
    boris = token(issuer, "boris")
    assert smart.json("Invoice", **boris)["total"] == 6
    assert smart.json("Invoice?patient=anna", **boris)["total"] == 5
    assert smart.json("Patient/anna", **boris)["id"] == "anna"
    smart.json(f"Patient/{smart.patient(NOT_ANNA)}", 404, **boris)
    anna = token(issuer, "anna")
    assert smart.json(f"Invoice?patient={smart.patient(BORIS)}", **anna)["total"] == 0


def test_a_proxys_right_ends_by_itself(smart: Facade, issuer: IssuerStub) -> None:
    known(smart, Proxy("boris", "anna", billing=True, expires=issuer.clock.now.date()))
    assert smart.json("Invoice", **token(issuer, "boris"))["total"] == 6
    issuer.clock.now += dt.timedelta(days=1)
    smart.now = issuer.clock.now
    assert smart.json("Invoice", **token(issuer, "boris"))["total"] == 1


def test_a_guardian_who_is_no_patient_is_known_by_the_subject(smart: Facade, issuer: IssuerStub) -> None:
    known(smart, Proxy("sub:eve", "anna", billing=True), Proxy("sub:mallory", "anna", billing=False))
    assert smart.json("Invoice", **token(issuer, None, "user/*.rs", sub="eve"))["total"] == 5
    smart.json("Invoice", 403, **token(issuer, None, "user/*.rs", sub="mallory"))
    smart.json("Invoice", 403, **token(issuer, "sub:eve", "user/*.rs", sub="mallory"))


def test_an_authority_that_is_not_released_is_missing_from_the_person(smart: Facade, issuer: IssuerStub) -> None:
    riverside, lakeside, clinic = smart.settings.authorities
    off = replace(lakeside, bills=Bills(), appointments=False, prepay=False)
    smart.resettle(authorities=(riverside, off, clinic))
    assert len(smart.json("Patient/anna", **token(issuer, "anna"))["link"]) == 1


@pytest.mark.parametrize("number", ["10_01", "no-such-number", "1" * 65])
def test_a_number_that_nobody_has_is_no_person(facades: Facades, issuer: IssuerStub, number: str) -> None:
    facade = facades()
    facade.trust(issuer, patient_means=f"identifier:{facade.settings.authorities[0].system}")
    facade.json(f"Patient/{number}", 404, **token(issuer, number))
    assert facade.json("Patient/1001", **token(issuer, "1001"))["link"][0]["type"] == "seealso"
