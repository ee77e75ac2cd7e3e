"""Who looked at what: written down before it is answered, and shown to whom it is about."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace
from werkzeug.wrappers import Response

from fhir_facade.audit.entry import Entry, decode, encode
from fhir_facade.errors import Unreachable
from fhir_facade.files.accesses import MOST
from fhir_facade.settings.model import Client
from fhir_facade.state.database import Database
from fhir_facade.state.trail import Trail
from tests.api.conftest import BASE, Facade, bearer
from tests.bell.issuing import IssuerStub
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS, NOT_ANNA

SCOPE = "patient/*.rs"
HIE = Client("hie", authorities=("riverside", "clinic"), features=("view", "pending"))


@pytest.fixture
def smart(facade: Facade, issuer: IssuerStub) -> Facade:
    facade.trust(issuer, (HIE,))
    return facade


def written(facade: Facade) -> list[Entry]:
    """All that is in the trail."""
    facade.house.carrier.carry()
    return [decode(row.entry) for row in rows(facade)]


def rows(facade: Facade) -> Iterator[Any]:
    database = Database(facade.settings.server.state)
    try:
        yield from Trail(database).entries()
    finally:
        database.close()


def anna(facade: Facade, issuer: IssuerStub, **claims: Any) -> dict[str, str]:
    return bearer(issuer, **{"patient": facade.patient(ANNA), "scope": SCOPE, "sub": "anna", "jti": "t1"} | claims)


def test_a_read_is_one_entry_and_says_who_what_and_about_whom(smart: Facade, issuer: IssuerStub) -> None:
    id = smart.record("Invoice", ANNA, "9301")
    smart.json(f"Invoice/{id}", X_Request_Id="r1", **anna(smart, issuer))
    (entry,) = written(smart)
    assert (entry.interaction, entry.type, entry.id, entry.status) == ("read", "Invoice", id, 200)
    assert (entry.patient, entry.token, entry.request_id, entry.peer) == (ANNA, "t1", "r1", "127.0.0.1")
    assert entry.recorded == int(issuer.clock.now.timestamp() * 1000)
    assert "anna" in entry.caller


def test_a_search_is_one_entry_for_each_patient_in_its_result(smart: Facade, issuer: IssuerStub) -> None:
    hie = bearer(issuer, client_id="hie", scope="system/*.rs")
    both = f"{smart.patient(ANNA)},{smart.patient(BORIS)}"
    smart.json(f"Invoice?patient={both}", **hie)
    assert [(entry.patient, entry.query) for entry in written(smart)] == [
        (ANNA, f"patient={both}"),
        (BORIS, f"patient={both}"),
    ]


def test_whoever_is_counted_in_a_total_has_an_entry(smart: Facade, issuer: IssuerStub) -> None:
    hie = bearer(issuer, client_id="hie", scope="system/*.rs")
    both = f"{smart.patient(ANNA)},{smart.patient(BORIS)}"
    smart.json(f"Invoice?patient={both}&totalnet=gt0&_count=1&_sort=_id", **hie)
    assert [entry.patient for entry in written(smart)] == [ANNA, BORIS]


def test_a_search_that_finds_nothing_is_about_whom_it_named(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    smart.json(f"Invoice?patient={smart.patient(ANNA)}&date=1900", **token)
    smart.json(f"Invoice?patient={smart.patient(BORIS)}", **token)
    assert [entry.patient for entry in written(smart)] == [ANNA, None]


@pytest.mark.parametrize("more", ["&_summary=count", "&_count=0&totalnet=gt1", "&totalnet=lt1", ""])
def test_a_search_by_a_records_number_is_about_whose_record_it_is(smart: Facade, issuer: IssuerStub, more: str) -> None:
    hie = bearer(issuer, client_id="hie", scope="system/*.rs")
    smart.json(f"Invoice?identifier={BASE}/identifiers/clinic/invoice|7701{more}", **hie)
    assert [entry.patient for entry in written(smart)] == [NOT_ANNA]


def test_a_count_is_about_those_who_are_counted(smart: Facade, issuer: IssuerStub) -> None:
    hie = bearer(issuer, client_id="hie", scope="system/*.rs")
    assert smart.json("Patient?family=Different&assigner=clinic&_summary=count", **hie)["total"] == 1
    assert smart.json("Patient?family=Other&assigner=clinic&_summary=count", **hie)["total"] == 0
    assert [entry.patient for entry in written(smart)] == [NOT_ANNA, None]


def test_a_form_is_written_down_as_a_query_is(smart: Facade, issuer: IssuerStub) -> None:
    headers = {**anna(smart, issuer), "Content-Type": "application/x-www-form-urlencoded"}
    smart.client.post("/fhir/Invoice/_search?_count=3", data="status=issued", headers=headers)
    assert {entry.query for entry in written(smart)} == {"_count=3&status=issued"}


def test_what_a_long_search_hides_is_at_least_told(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    for length in (7_990, 8_000):
        smart.json(f"Invoice?nonsense={'x' * (length - 9)}", **token)
    smart.json(f"Invoice?nonsense={'x' * 7_992}&status=issued", **token)
    assert [(len(entry.query), entry.query[-1]) for entry in written(smart)] == [
        (7_990, "x"),
        (8_000, "x"),
        (8_001, "…"),
    ]


def test_no_token_is_written_down(smart: Facade, issuer: IssuerStub) -> None:
    headers = anna(smart, issuer)
    token = headers["Authorization"].removeprefix("Bearer ")
    smart.json(f"Invoice?access_token={token}", 401)
    smart.json(f"Invoice?access_token={token}&status=issued", **headers)
    assert [entry.query for entry in written(smart)] == ["access_token=*…", "access_token=*&status=issued"]


def test_refused_and_missing_ids_leave_the_same_entry(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    others, missing = smart.record("Invoice", BORIS, "9311"), smart.record("Invoice", ANNA, "1")
    for id in (others, missing, "nonsense"):
        smart.json(f"Invoice/{id}", 404, X_Request_Id="r", **token)
    refused, absent, garbage = written(smart)
    assert refused.patient is None
    assert (refused.id, absent.id, garbage.id) == (others, missing, "nonsense")
    assert refused == replace(absent, id=others) == replace(garbage, id=others)


def test_a_refusal_by_scope_and_a_sick_source_leave_an_entry_each(smart: Facade, issuer: IssuerStub) -> None:
    smart.json("Account", 403, **anna(smart, issuer, scope="patient/Invoice.rs"))
    smart.systems["practice"].failure = Unreachable("down")
    smart.json(f"Invoice?patient={smart.patient(ANNA)}", 502, **anna(smart, issuer))
    assert [entry.status for entry in written(smart)] == [403, 502]


def test_what_anybody_may_ask_leaves_none(smart: Facade) -> None:
    for path in ("metadata", "CodeSystem", ".well-known/smart-configuration"):
        smart.get(path)
    smart.json("Nonsense/1", 404)
    assert written(smart) == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("Invoice", {}, 401),
        ("Invoice", {"Accept": "image/png"}, 406),
        ("Invoice?status=%ff", {}, 400),
        ("Invoice", {"Authorization": "Bearer e30.e30.e30"}, 401),
    ],
)
def test_callers_without_a_token_cannot_fill_the_disk(
    smart: Facade, path: str, headers: dict[str, str], status: int
) -> None:
    for _ in range(70):
        smart.json(path, status, **headers)
    assert [(entry.status, entry.caller) for entry in written(smart)] == [(status, "unknown")] * 60


def test_nor_by_long_searches(smart: Facade) -> None:
    smart.json(f"Invoice?patient={'x' * 7_000}", 401)
    (entry,) = written(smart)
    assert (len(entry.query), entry.query[-1]) == (251, "…")


def test_nor_can_they_while_the_issuer_is_down(smart: Facade, issuer: IssuerStub) -> None:
    issuer.replaced["jwks"] = Response(status=500)
    for number in range(70):
        smart.json("Invoice", 503, **bearer(issuer, sub=str(number)))
    assert len(written(smart)) == 60


def test_whoever_is_known_is_written_down_each_time(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    for _ in range(70):
        smart.json("Invoice/x", 404, **token)
    assert len(written(smart)) == 70


def test_an_answer_that_cannot_be_written_down_is_not_given(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    smart.json("Invoice", **token)
    folder = Path(f"{smart.settings.server.state.removeprefix('sqlite:///')}-audit")
    (file,) = folder.iterdir()
    room = len(file.read_bytes()) - len(file.read_bytes().rstrip(b"\0"))
    rmtree(folder)  # what is open stays open; there is no place for another file
    smart.house.carrier.append(b"x" * (room - 1) + b"\n")
    body = smart.json("Invoice", 503, **token)
    assert body["issue"][0]["code"] == "transient"
    assert "audit" not in str(body)


def test_a_patient_reads_who_looked_at_their_records(smart: Facade, issuer: IssuerStub) -> None:
    hie = bearer(issuer, client_id="hie", scope="system/*.rs", sub="hie")
    smart.json(f"Patient?identifier=urn:oid:1.3.6.1.4.1.99999.9|{ANNA.value},{BORIS.value}", **hie)
    smart.json(f"Invoice/{smart.record('Invoice', BORIS, '9311')}", **hie)
    token = anna(smart, issuer)
    smart.json(f"Invoice/{smart.record('Invoice', BORIS, '9311')}", 404, **token)
    bundle = smart.json(f"AuditEvent?patient={smart.patient(ANNA)}", **token)
    events = [each["resource"] for each in bundle["entry"]]
    assert [event["subtype"][0]["code"] for event in events] == ["search-type"]
    (event,) = events
    assert event["agent"][0]["who"]["identifier"]["value"] == "hie"
    told = base64.b64decode(event["entity"][1]["query"]).decode()
    assert told == "Patient?identifier=*"
    assert BORIS.value not in smart.get(f"AuditEvent/{event['id']}", **token).get_data(as_text=True)
    again = smart.json(f"AuditEvent/{event['id']}", **token)
    assert {**again, "meta": None} == {**event, "meta": None}


@pytest.mark.parametrize("jti", ["a b", "\u2028", "\0", "50%"])
def test_no_token_hides_what_was_done_with_it(smart: Facade, issuer: IssuerStub, jti: str) -> None:
    smart.json("Invoice", **anna(smart, issuer, jti=jti))
    (event,) = [each["resource"] for each in smart.json("AuditEvent", **anna(smart, issuer))["entry"]]
    assert event["agent"][-1]["policy"] == [f"urn:ietf:params:oauth:jti:{quote(jti)}"]


def test_an_events_time_is_when_it_was_recorded(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    smart.json(f"Account?patient={smart.patient(ANNA)}", **token)
    (event,) = [each["resource"] for each in smart.json("AuditEvent", **token)["entry"]]
    assert event["meta"]["lastUpdated"] == event["recorded"]
    assert event["meta"]["lastUpdated"].startswith(issuer.clock.now.isoformat()[:19])


@pytest.mark.parametrize("search", ["", "?entity=Invoice/{invoice}", "?date=ge2000&action=R", "?_sort=date&_count=1"])
def test_audit_events_are_searched_as_other_types_are(smart: Facade, issuer: IssuerStub, search: str) -> None:
    token, invoice = anna(smart, issuer), smart.record("Invoice", ANNA, "9301")
    smart.json(f"Invoice/{invoice}", **token)
    assert smart.json("AuditEvent" + search.format(invoice=invoice), **token)["total"] == 1


def test_other_patients_and_exchanges_read_none(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    smart.json(f"Invoice/{smart.record('Invoice', ANNA, '9301')}", **token)
    id = smart.json("AuditEvent", **token)["entry"][0]["resource"]["id"]
    for other in (BORIS, NOT_ANNA):
        stranger = bearer(issuer, patient=smart.patient(other), scope=SCOPE)
        smart.json(f"AuditEvent/{id}", 404, **stranger)
        assert smart.json(f"AuditEvent?patient={smart.patient(ANNA)}", **stranger)["total"] == 0
    smart.json(f"AuditEvent/{id}", 403, **bearer(issuer, client_id="hie", scope="system/*.rs"))
    smart.json("AuditEvent", 403, **anna(smart, issuer, scope="patient/Invoice.rs"))


def test_a_person_known_to_two_authorities_has_an_event_of_each(smart: Facade, issuer: IssuerStub) -> None:
    smart.systems["practice"].one_number_is_one_person = True  # type: ignore[misc]
    smart.resettle()
    token = anna(smart, issuer)
    smart.json("Invoice", **token)
    assert [entry.patient for entry in written(smart)] == [ANNA_AT_LAKESIDE, ANNA]
    assert smart.json("AuditEvent", **token)["total"] == 2


def test_the_trail_outlives_a_restart(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    smart.json("Invoice", **token)
    smart.restart()
    assert smart.json("AuditEvent", **token)["total"] == 1


def test_a_patient_sees_the_newest_entries_and_no_more(smart: Facade, issuer: IssuerStub) -> None:
    token = anna(smart, issuer)
    smart.json("Invoice?status=issued", **token)
    old = Entry(0, "", "read", "Invoice", "x", "", 200, "open", "", "").about(ANNA)
    smart.house.carrier.append((encode(old) + b"\n") * MOST)
    bundle = smart.json("AuditEvent?_count=1&_sort=date", **token)
    assert (bundle["total"], bundle["entry"][0]["resource"]["subtype"][0]["code"]) == (MOST, "read")
