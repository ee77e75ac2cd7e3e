"""A caller who is bound to patients or authorities: what is not theirs is not there, byte for byte, on every path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pytest

from fhir_facade.errors import Unreachable
from fhir_facade.guard.caller import ANYBODY, Caller
from fhir_facade.keys import PatientKey
from fhir_facade.records import Bill, Place
from fhir_facade.settings.model import Bills
from tests.api.conftest import AUTHORITIES, BASE, Facade, Facades, Fickle, Merging, numbers, outcomes
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS, NOT_ANNA

NOBODY = PatientKey("riverside", "4711")
RECORDS = {"Invoice": "9301", "Account": "1", "Appointment": "5001", "PaymentNotice": "e3800"}
OWN = {"Patient": 1, "Invoice": 4, "Account": 1, "Appointment": 2, "PaymentNotice": 1}
ASKED = [
    "Patient?_id={patient}",
    "Patient?identifier={number}",
    "Invoice?patient={patient}",
    "Invoice?subject=Patient/{patient}",
    "Invoice?patient:identifier={number}",
    "Invoice?patient.identifier={number}",
    "Invoice?_id={Invoice}",
    "Invoice?account=Account/{Account}",
    "Invoice?patient={patient}&_summary=count",
    "Invoice?patient={patient}&_id={Invoice}&_count=1",
    "Account?patient={patient}",
    "Account?_id={Account}",
    "Appointment?actor=Patient/{patient}",
    "Appointment?_id={Appointment}",
    "PaymentNotice?patient={patient}",
    "PaymentNotice?request=Invoice/{Invoice}",
    "PaymentNotice?covers=Invoice/{Invoice}",
    "PaymentNotice?_id={PaymentNotice}",
]
# The rest of the number tells which record is meant, whoever it belongs to.
OTHERS = {
    "another patient": (BORIS, RECORDS | {"Invoice": "9311"}),
    "the same number at another authority": (NOT_ANNA, RECORDS | {"Invoice": "7701"}),
    "the same person at an authority that is not released": (ANNA_AT_LAKESIDE, RECORDS | {"Invoice": "9401"}),
}
ANNA_ALONE = Caller("anna", frozenset({ANNA}))


class Told(NamedTuple):
    """An answer, as far as answers can be the same."""

    status: int
    body: str
    headers: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Bound:
    """What one caller is told by a facade; callers share all that it keeps."""

    facade: Facade
    caller: Caller

    def ask(self, path: str, **headers: str) -> Told:
        self.facade.caller = self.caller
        answer = self.facade.get(path, X_Request_Id="same", **headers)
        self.facade.caller = ANYBODY
        return Told(answer.status_code, answer.get_data(as_text=True), frozenset(answer.headers))

    def json(self, path: str) -> Any:
        answer = self.ask(path)
        assert answer.status == 200, answer.body
        return json.loads(answer.body, parse_float=Decimal)


@pytest.fixture
def facade(facades: Facades) -> Facade:
    """Riverside and the clinic; Lakeside shares Riverside's practice, and is not released."""
    riverside, lakeside, clinic = AUTHORITIES
    off = replace(lakeside, bills=Bills(), appointments=False, prepay=False)
    return facades((riverside, off, clinic))


def warm(facade: Facade) -> None:
    """Everything is in memory: of whom a caller is bound to, and of everybody else."""
    for key, records in ((ANNA, RECORDS), (NOBODY, RECORDS), *OTHERS.values()):
        for path in filled(facade, key, records):
            facade.get(path)


def told(facade: Facade) -> tuple[object, ...]:
    """What the sources were asked, and what was kept of it: if neither changes, time tells nothing, either."""
    return [list(system.asked) for system in facade.systems.values()], facade.house.cabinet.shelf.bytes


def ids(facade: Facade, key: PatientKey, records: dict[str, str]) -> dict[str, str]:
    named = {type: facade.record(type, key, own) for type, own in records.items()}
    return named | {"patient": facade.patient(key), "number": key.value}


def filled(facade: Facade, key: PatientKey, records: dict[str, str]) -> Iterator[str]:
    named = ids(facade, key, records)
    yield from (asked.format(**named) for asked in ASKED)
    yield f"Patient/{named['patient']}"
    yield from (f"{type}/{named[type]}" for type in records)


def anonymous(facade: Facade, key: PatientKey, records: dict[str, str], answer: Told) -> Told:
    """The answer without what the caller wrote into the question."""
    body = answer.body
    for name, text in sorted(ids(facade, key, records).items(), key=lambda item: -len(item[1])):
        body = body.replace(text, name)
    return answer._replace(body=body)


@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("whose", OTHERS)
def test_what_is_not_yours_is_what_is_not_there(facade: Facade, whose: str, state: str) -> None:
    if state == "warm":
        warm(facade)
    before = told(facade)
    anna, (key, records) = Bound(facade, ANNA_ALONE), OTHERS[whose]
    for path, nothing in zip(filled(facade, key, records), filled(facade, NOBODY, RECORDS), strict=True):
        if path.endswith(f"identifier={ANNA.value}"):
            continue  # the number alone is the caller's own, too
        there, not_there = anna.ask(path), anna.ask(nothing)
        assert anonymous(facade, key, records, there) == anonymous(facade, NOBODY, RECORDS, not_there), path
        assert there.status == (200 if "?" in path else 404)
        assert '"total":0' in there.body or there.status == 404
    assert told(facade) == before


@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("type", OWN)
def test_whoever_is_bound_to_a_patient_finds_their_own_without_naming_it(facade: Facade, type: str, state: str) -> None:
    if state == "warm":
        warm(facade)
    bundle = Bound(facade, ANNA_ALONE).json(type)
    assert bundle["total"] == len(numbers(bundle)) == OWN[type]
    text = json.dumps(bundle, default=str)
    for key in (BORIS, NOT_ANNA, ANNA_AT_LAKESIDE):
        assert facade.patient(key) not in text
    for other in ("lakeside", "clinic", "9401", "9311", "7701", "4.01", "9.01"):
        assert other not in text


def test_the_number_alone_means_the_callers_own(facade: Facade) -> None:
    anna = Bound(facade, ANNA_ALONE)
    assert [p["name"][0]["family"] for p in matches(anna.json("Patient?identifier=1001"))] == ["Example"]
    assert anna.json("Invoice?patient:identifier=1001")["total"] == 4
    assert anna.json(f"Invoice?identifier={BASE}/identifiers/clinic/invoice|7701")["total"] == 0
    assert anna.json(f"Invoice?identifier={BASE}/identifiers/riverside/invoice|9301")["total"] == 1


def matches(bundle: Any) -> list[Any]:
    return [entry["resource"] for entry in bundle.get("entry", ())]


def test_naming_others_beside_oneself_adds_nothing(facade: Facade) -> None:
    anna = Bound(facade, ANNA_ALONE)
    everybody = ",".join(facade.patient(key) for key in (ANNA, BORIS, NOT_ANNA, ANNA_AT_LAKESIDE))
    assert sorted(numbers(anna.json(f"Invoice?patient={everybody}"))) == ["9301", "9302", "9303", "9304"]
    assert (
        anna.json(f"Invoice?patient={facade.patient(BORIS)}&_id={facade.record('Invoice', ANNA, '9301')}")["total"] == 0
    )


def test_a_conditional_read_of_what_is_not_yours_is_not_answered_with_304(facade: Facade) -> None:
    path = f"Invoice/{facade.record('Invoice', BORIS, '9311')}"
    etag = facade.get(path).headers["ETag"]
    anna = Bound(facade, ANNA_ALONE)
    assert Bound(facade, ANYBODY).ask(path, If_None_Match=etag).status == 304
    for headers in (
        {"If_None_Match": etag},
        {"If_None_Match": "*"},
        {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ):
        assert anna.ask(path, **headers) == anna.ask("Invoice/unknown")


def test_another_callers_page_link_is_garbage(facade: Facade) -> None:
    link = next_page(Bound(facade, ANNA_ALONE).json("Invoice?_count=1"))
    boris, garbage = Bound(facade, Caller("boris", frozenset({BORIS}))), "Invoice?_page=AAAA"
    assert boris.ask(link).status == 400
    assert boris.ask(link) == boris.ask(garbage)


def test_a_page_link_shows_what_its_caller_may_see_now(facade: Facade) -> None:
    before = Caller("proxy", frozenset({ANNA, BORIS}))
    link = next_page(Bound(facade, before).json("Invoice?_count=1&_sort=date"))
    bundle = Bound(facade, replace(before, patients=frozenset({BORIS}))).json(link)
    assert set(numbers(bundle)) <= {"9311"}
    assert bundle["total"] == 1


def next_page(bundle: Any) -> str:
    return str(next(link["url"] for link in bundle["link"] if link["relation"] == "next")).removeprefix(BASE + "/")


@pytest.mark.parametrize("type", ["Organization", "Location", "Practitioner"])
def test_bound_to_an_authority_others_do_not_exist(facades: Facades, type: str) -> None:
    facade = facades()
    lakeside = Bound(facade, Caller("exchange", authorities=frozenset({"lakeside"})))
    found = matches(lakeside.json(type))
    assert [
        resource.get("managingOrganization", {"reference": "Organization/lakeside"})["reference"] for resource in found
    ] == ["Organization/lakeside"]
    for reference in ("Organization/riverside", f"Location/{support(facade, 'Location', '1')}"):
        assert lakeside.ask(reference) == lakeside.ask(f"{reference.split('/')[0]}/unknown")


def support(facade: Facade, type: str, number: str) -> str:
    return facade.house.finder.ids.support(type, "riverside", number)


def test_bound_to_an_authority_the_practice_is_cut(facades: Facades) -> None:
    facade = facades()
    both = f"{facade.patient(ANNA)},{facade.patient(ANNA_AT_LAKESIDE)}"
    assert facade.json(f"Invoice?patient={both}")["total"] == 5
    lakeside = Bound(facade, Caller("exchange", authorities=frozenset({"lakeside"})))
    assert numbers(lakeside.json(f"Invoice?patient={both}")) == ["9401"]
    assert lakeside.json(f"Invoice?patient={both}&_summary=count")["total"] == 1
    assert numbers(lakeside.json("Patient?identifier=1001")) == ["1001"]
    notice = matches(lakeside.json(f"PaymentNotice?patient={both}"))[0]
    assert notice["amount"]["value"] == Decimal("4.01")
    assert lakeside.json(f"PaymentNotice?covers=Invoice/{facade.record('Invoice', ANNA, '9301')}")["total"] == 0


def test_what_is_kept_for_one_is_not_told_to_another_of_the_same_name(facades: Facades) -> None:
    facade = facades()
    asked = f"Invoice?patient={facade.patient(ANNA)},{facade.patient(ANNA_AT_LAKESIDE)}"
    for authorities, total in ((None, 5), ({"lakeside"}, 1), ({"riverside"}, 4), ({"clinic"}, 0), (None, 5)):
        bound = None if authorities is None else frozenset(authorities)
        assert Bound(facade, Caller("one name", authorities=bound)).json(asked)["total"] == total


def test_everybody_gets_page_links_of_their_own(facades: Facades) -> None:
    facade = facades()
    for name in ("one", "another"):
        caller = Bound(facade, Caller(name))
        link = next_page(caller.json(f"Invoice?patient={facade.patient(ANNA)}&_count=1"))
        assert numbers(caller.json(link)) == ["9303"]


class Homeless(Fickle):
    """Does not say where it is."""

    def places(self) -> Sequence[Place]:
        raise Unreachable("10.0.0.7")


def test_a_source_that_is_not_yours_may_be_down(facades: Facades) -> None:
    facade = facades(practice=Homeless)
    facade.systems["practice"].failure = Unreachable("10.0.0.7")
    clinic = Bound(facade, Caller("exchange", authorities=frozenset({"clinic"})))
    for path in (
        "Location",
        f"Invoice?patient={facade.patient(ANNA)},{facade.patient(NOT_ANNA)}",
        "Patient?identifier=1001",
    ):
        bundle = clinic.json(path)
        assert (bundle["total"], outcomes(bundle)) == (len(numbers(bundle)), [])
    for type, id in (("Location", support(facade, "Location", "1")), ("Patient", facade.patient(ANNA))):
        assert clinic.ask(f"{type}/{id}") == clinic.ask(f"{type}/unknown")
        assert Bound(facade, ANYBODY).ask(f"{type}/{id}").status == 502


def test_a_type_that_is_off_is_off_for_the_patient_too(facades: Facades) -> None:
    riverside, *others = AUTHORITIES
    facade = facades((replace(riverside, appointments=False, prepay=False), *others))
    anna, before = Bound(facade, ANNA_ALONE), told(facade)
    assert anna.json("Appointment")["total"] == 0
    assert anna.ask(f"Appointment/{facade.record('Appointment', ANNA, '5001')}") == anna.ask("Appointment/unknown")
    assert told(facade) == before
    assert anna.json("Invoice")["total"] == 4


def test_a_record_of_another_authority_that_cannot_be_shown_is_not_heard_of(facades: Facades) -> None:
    facade = facades()
    bills = facade.systems["practice"]._of_patient[(Bill, "1001")]
    bills[:] = [msgspec.structs.replace(bill, due=Decimal("NaN")) if bill.number == "9401" else bill for bill in bills]
    for caller in (Caller("exchange", authorities=frozenset({"riverside"})), ANNA_ALONE, ANYBODY):
        bundle = Bound(facade, caller).json(f"Invoice?patient={facade.patient(ANNA)}")
        assert (bundle["total"], outcomes(bundle)) == (4, [])
    all_of_it = Bound(facade, ANYBODY).json(
        f"Invoice?patient={facade.patient(ANNA)},{facade.patient(ANNA_AT_LAKESIDE)}"
    )
    assert "total" not in all_of_it
    assert "Organization/lakeside" in outcomes(all_of_it)[0]["diagnostics"]


def test_whose_number_it_is_is_asked_only_where_nobody_is_named(facade: Facade) -> None:
    clinic = facade.systems["clinic"]
    clinic._records[Bill].append(msgspec.structs.replace(clinic._records[Bill][0], patient="2002"))
    asked = f"Invoice?identifier={BASE}/identifiers/clinic/invoice|7701"
    assert facade.json(asked, 400)["issue"][0]["code"] == "too-costly"  # two patients have a bill of this number
    assert facade.json(f"{asked}&patient={facade.patient(NOT_ANNA)}")["total"] == 1
    assert Bound(facade, Caller("nora", frozenset({NOT_ANNA}))).json(asked)["total"] == 1
    assert Bound(facade, ANNA_ALONE).json(asked)["total"] == 0


def test_a_merge_alone_opens_nobodys_bills(facades: Facades) -> None:
    facade = facades(practice=Merging)
    former, now = (ANNA._replace(value=number) for number in ("1008", "1009"))
    assert facade.json(f"Invoice?patient={facade.patient(former)}")["total"] == 1
    alone = Bound(facade, Caller("former", frozenset({former})))
    assert alone.json("Invoice")["total"] == 0
    assert alone.ask(f"Invoice/{facade.record('Invoice', former, '9321')}") == alone.ask("Invoice/unknown")
    both = Bound(facade, Caller("both", frozenset({former, now})))
    assert numbers(both.json("Invoice")) == ["9321"]
    assert both.ask(f"Invoice/{facade.record('Invoice', former, '9321')}").status == 200
