"""What scopes, patients, clients and their features leave of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_facade.backends.port import Ability
from fhir_facade.errors import Unreachable
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.scopes import scopes
from tests.api.conftest import Facade, Facades, numbers, parsed
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS, NOT_ANNA

ALL = frozenset({"riverside", "lakeside", "clinic"})


def caller(granted: str, **more: Any) -> Caller:
    return Caller("somebody", patients=frozenset(more.pop("patients", {ANNA})), scopes=scopes(granted), **more)


def client(granted: str, authorities: frozenset[str] = ALL, features: tuple[str, ...] = ("view", "pending")) -> Caller:
    return Caller(
        "exchange", frozenset(), authorities, features=frozenset(features), scopes=scopes(granted), client=True
    )


def status(facade: Facade, path: str, who: Caller) -> int:
    facade.caller = who
    response = facade.get(path)
    if response.status_code == 403:
        assert parsed(response)["issue"][0]["code"] == "forbidden"
    return response.status_code


def total(facade: Facade, path: str, who: Caller) -> Any:
    facade.caller = who
    return facade.json(path)["total"]


READS = {"read": "Invoice/{}", "search": "Invoice?patient={}"}


@pytest.mark.parametrize(
    ("granted", "reading", "searching"),
    [
        ("patient/Invoice.rs", 200, 200),
        ("patient/Invoice.read", 200, 200),
        ("patient/*.r", 200, 403),
        ("user/Invoice.s", 403, 200),
        ("patient/Account.rs", 403, 403),
        ("openid", 403, 403),
        ("system/Invoice.rs", 403, 403),
        ("patient/Invoice.rs?no-such-parameter=1", 403, 403),
        ("patient/Invoice.rs?date=yesterday", 403, 403),
        ("patient/Invoice.rs?status=", 403, 403),
        ("patient/Invoice.rs?status=issued&date=", 403, 403),
        ("patient/Invoice.rs?status=,", 403, 403),
        ("patient/Invoice.cud", 403, 403),
    ],
)
def test_the_scope_decides_before_any_id_is_looked_at(
    facade: Facade, granted: str, reading: int, searching: int
) -> None:
    own = facade.record("Invoice", ANNA, "9301")
    assert status(facade, f"Invoice/{own}", caller(granted)) == reading
    assert status(facade, "Invoice/unknown", caller(granted)) == (404 if reading == 200 else 403)
    assert status(facade, f"Invoice?patient={facade.patient(ANNA)}", caller(granted)) == searching


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda facade: facade.record("Invoice", BORIS, "9311"), id="another patient"),
        pytest.param(lambda facade: facade.record("Invoice", NOT_ANNA, "7701"), id="the same number elsewhere"),
        pytest.param(lambda facade: facade.record("Invoice", ANNA_AT_LAKESIDE, "9401"), id="not among the token's"),
    ],
)
def test_somebody_elses_bill_looks_like_no_bill(facade: Facade, other: Any) -> None:
    facade.caller = caller("patient/*.rs user/*.rs")
    theirs, none = facade.get(f"Invoice/{other(facade)}"), facade.get("Invoice/unknown")
    assert (theirs.status_code, theirs.get_data()) == (404, none.get_data())
    assert facade.systems["practice"].asked == facade.systems["clinic"].asked == []


def test_a_patients_search_is_their_own_whatever_it_names(facade: Facade) -> None:
    everything = total(facade, "Invoice", caller("patient/Invoice.rs"))
    assert everything == total(facade, f"Invoice?patient={facade.patient(ANNA)}", caller("patient/Invoice.rs")) > 0
    assert total(facade, f"Invoice?patient={facade.patient(BORIS)}", caller("patient/Invoice.rs")) == 0
    assert total(facade, "Patient?identifier=1001", caller("patient/Patient.rs")) == 1


def test_a_condition_narrows_and_two_scopes_add_up(facade: Facade) -> None:
    facade.caller = caller("patient/Invoice.rs")
    states: list[str] = [entry["resource"]["status"] for entry in facade.json("Invoice")["entry"]]
    issued, draft = states.count("issued"), states.count("draft")
    assert total(facade, "Invoice", caller("patient/Invoice.rs?status=issued")) == issued
    both = caller("patient/Invoice.rs?status=issued patient/Invoice.rs?status=draft")
    assert total(facade, "Invoice", both) == issued + draft
    neither = caller("patient/Invoice.rs?status=issued&status=draft")
    assert total(facade, "Invoice", neither) == 0


def test_a_condition_holds_for_reads(facade: Facade) -> None:
    facade.caller = caller("patient/Invoice.rs")
    for entry in facade.json("Invoice")["entry"]:
        bill = entry["resource"]
        expected = 200 if bill["status"] == "issued" else 404
        assert status(facade, f"Invoice/{bill['id']}", caller("patient/Invoice.rs?status=issued")) == expected


def test_without_a_patient_that_is_known_patient_scopes_are_refused(facade: Facade) -> None:
    assert status(facade, "Invoice", caller("patient/Invoice.rs user/Invoice.rs", patients=())) == 403


def test_a_client_sees_its_authorities_and_no_others(facade: Facade) -> None:
    asked = f"Invoice?patient={facade.patient(ANNA)},{facade.patient(ANNA_AT_LAKESIDE)}"
    assert total(facade, asked, client("system/Invoice.rs")) == 5
    assert total(facade, asked, client("system/Invoice.rs", frozenset({"lakeside"}))) == 1
    assert total(facade, "Patient?identifier=1001", client("system/*.rs", frozenset({"clinic"}))) == 1
    assert total(facade, asked, client("system/Invoice.rs", frozenset())) == 0


@pytest.mark.parametrize(
    ("features", "invoices", "appointments"),
    [(("view",), 200, 200), (("appointments",), 403, 200), (("messages",), 403, 403), ((), 403, 403)],
)
def test_a_client_uses_its_features_and_no_others(
    facade: Facade, features: tuple[str, ...], invoices: int, appointments: int
) -> None:
    named, who = f"patient={facade.patient(ANNA)}", client("system/*.rs", features=features)
    assert status(facade, f"Invoice?{named}", who) == invoices
    assert status(facade, f"Appointment?{named}", who) == appointments


def test_a_client_without_pending_sees_no_drafts(facade: Facade) -> None:
    asked = f"Invoice?patient={facade.patient(ANNA)}"
    facade.caller = client("system/Invoice.rs")
    drafts = [e for e in facade.json(asked)["entry"] if e["resource"]["status"] == "draft"]
    assert drafts
    facade.caller = client("system/Invoice.rs", features=("view",))
    assert not [e for e in facade.json(asked)["entry"] if e["resource"]["status"] == "draft"]


def test_practitioners_and_places_are_those_that_ones_own_records_name(facades: Facades) -> None:
    facade = facades()
    for type in ("Practitioner", "Location"):
        facade.caller = caller("patient/*.rs")
        own = numbers(facade.json(type))
        facade.caller = client("system/*.rs", frozenset({"riverside"}))
        everybody = numbers(facade.json(type))
        assert set(own) <= set(everybody)
        for number in everybody:
            id = facade.house.finder.ids.support(type, "riverside", number)
            assert status(facade, f"{type}/{id}", caller("patient/*.rs")) == (200 if number in own else 404)


def test_what_a_caller_may_not_see_names_nobody(facade: Facade) -> None:
    assert total(facade, "Practitioner", caller("patient/Practitioner.rs")) == 0


def test_organizations_are_those_that_know_the_patient(facade: Facade) -> None:
    facade.caller = caller("patient/Organization.rs")
    assert [entry["resource"]["id"] for entry in facade.json("Organization")["entry"]] == ["riverside"]


def test_how_a_search_fails_does_not_tell_what_it_would_have_found(facades: Facades) -> None:
    facade = facades(life={"bills": 0.0, "visits": 0.0})
    facade.caller = caller("patient/*.rs")
    facade.json("Practitioner")  # the directory is on the shelf from here on
    facade.systems["practice"].failure = Unreachable("down")
    assert {facade.get(f"Practitioner?name={name}").status_code for name in ("Quill", "Nobody")} == {502}


def test_a_bill_of_another_authority_is_not_told_from_one_that_is_not_there(facades: Facades) -> None:
    facade = facades()
    facade.systems["practice"].abilities = frozenset(Ability)
    facade.caller = client("system/*.rs", frozenset({"lakeside"}))
    theirs, none = (facade.json(f"Invoice?identifier={number}") for number in ("9301", "9999"))
    assert theirs.keys() == none.keys() == {"resourceType", "type", "total", "link"}
