"""Which calls are made, how often, and with what (production rules A2, A4, B1, B3, B5), asserted by the simulator."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.port import Ability
from fhir_facade.errors import Refused
from fhir_facade.events import Event
from fhir_facade.keys import SourceKey
from fhir_facade.records import BillState, Kind
from fhir_facade.sandbox.athenahealth import Practice, Simulator, Transaction, World
from tests.backends.athenahealth.conftest import ANNA, Heard, Open

TODAY = dt.date(2026, 3, 2)
PATIENT, CLAIMS = "/patients/{id}", "/claims"
VISITS, RECEIPTS = "/patients/{id}/appointments", "/patients/{id}/receipts"
FIELDS = {
    Kind.BILLS: {"state", "billed", "due", "collectable", "patient_paid", "created", "account", "charges[].code"},
    Kind.ACCOUNTS: {"balance"},
    Kind.VISITS: {"state", "start", "copay", "collected"},
    Kind.PAYMENTS: {"state", "amount", "taken"},
}


def templates(sim: Simulator) -> list[str]:
    return sorted(call.template for call in sim.calls)


def test_a_person_takes_one_call(ready: AthenaHealth, sim: Simulator) -> None:
    assert ready.person(ANNA) is not None
    assert templates(sim) == [PATIENT]


def test_bills_take_two_calls(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    practice.add_claim(1001, 9302, "40.5", 0)
    assert {bill.number: bill.state for bill in ready.bills(ANNA)} == {
        "9301": BillState.OWED,
        "9302": BillState.SETTLED,
    }
    assert templates(sim) == [CLAIMS, PATIENT]


def test_the_two_calls_for_bills_are_under_way_at_once(ready: AthenaHealth, sim: Simulator) -> None:
    both = sim.fault("latency")
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ready.bills, ANNA)
        assert both.wait(calls=2)
        both.release()
        assert asking.result() == ()


def test_accounts_take_one_call(ready: AthenaHealth, sim: Simulator) -> None:
    assert [account.name for account in ready.accounts(ANNA)] == ["Riverside", "Lakeside"]
    assert templates(sim) == [PATIENT]


def test_visits_take_one_call_and_its_pages(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    for number in range(5):
        practice.add_visit(1001, 985000 + number, date=TODAY + dt.timedelta(days=number - 2))
    sim.fault("short-pages", size=2)
    assert len(ready.visits(ANNA)) == 5
    assert templates(sim) == [VISITS] * 3


def test_visits_are_past_future_and_cancelled(ready: AthenaHealth, practice: Practice) -> None:
    for number, (days, status) in enumerate([(-30, "4"), (30, "f"), (40, "x"), (50, "o")]):
        practice.add_visit(1001, 985000 + number, date=TODAY + dt.timedelta(days=days), status=status)
    assert {visit.number for visit in ready.visits(ANNA)} == {"985000", "985001", "985002"}


def test_claims_are_followed_over_short_pages(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    for number in range(7):
        practice.add_claim(1001, 9300 + number, "10", 0)
    sim.fault("short-pages", size=3)
    assert {bill.state for bill in ready.bills(ANNA)} == {BillState.SETTLED}
    assert sim.count(CLAIMS) == 3


def test_payments_take_the_patient_and_the_receipts_of_the_home_department(
    ready: AthenaHealth, sim: Simulator, practice: Practice
) -> None:
    practice.add_claim(1001, 9301, "225", "85.5", department="62")
    practice.add_receipt(1001, 3800, ".16", requested="07/09/2025 11:40:34")
    [payment] = ready.payments(ANNA)
    assert payment.amount == Decimal(".16")
    assert templates(sim) == [PATIENT, RECEIPTS]
    assert [call.query["departmentid"] for call in sim.calls if call.template == RECEIPTS] == ["1"]


def test_receipts_of_each_department_are_united(open_backend: Open, sim: Simulator, practice: Practice) -> None:
    backend = open_backend(receipts="each")
    practice.receipts_by_department = True
    practice.add_claim(1001, 9301, "225", "85.5", department="62")
    practice.add_visit(1001, 985001, date=TODAY, department="21")
    for number, department in ((1, "1"), (2, "62"), (3, "21")):
        practice.add_receipt(1001, number, "5", requested="07/09/2025 11:40:34", department=department)
    assert {payment.key for payment in backend.payments(ANNA)} == {"e1", "e2", "e3"}
    assert sim.count(RECEIPTS) == 3


def test_at_most_ten_departments_are_asked_for_receipts(open_backend: Open, sim: Simulator, practice: Practice) -> None:
    for number in range(30):
        practice.add_claim(1001, 9300 + number, "1", 0, department=str(200 + number))
    open_backend(receipts="each").payments(ANNA)
    assert sim.count(RECEIPTS) == 10


@pytest.mark.parametrize(
    ("kind", "own", "calls"),
    [
        (Kind.BILLS, "9301", [CLAIMS, PATIENT]),
        (Kind.ACCOUNTS, "1001-1", [PATIENT]),
        (Kind.VISITS, "985001", [VISITS]),
        (Kind.PAYMENTS, "e3800", [PATIENT, RECEIPTS]),
    ],
)
def test_explaining_asks_anew_and_as_often_as_reading(
    ready: AthenaHealth, sim: Simulator, practice: Practice, kind: Kind, own: str, calls: list[str]
) -> None:
    for patient in (1001, 1002):
        practice.add_claim(patient, 8300 + patient, "225", "85.5")
        practice.add_visit(patient, 984000 + patient, date=TODAY)
    practice.add_receipt(1001, 3800, "5", requested="07/09/2025 11:40:34")
    assert {ground.field for ground in ready.explain(kind, ANNA, own)} >= FIELDS[kind]
    assert templates(sim) == calls
    assert not list(ready.explain(kind, SourceKey("athena", "1002"), own))


def test_a_record_of_a_merged_number_is_explained(ready: AthenaHealth, practice: Practice) -> None:
    practice.add_claim(1002, 9310, "10", "10")
    practice.merge(1002, into=1001)
    said = {ground.source: ground.said for ground in ready.explain(Kind.BILLS, SourceKey("athena", "1002"), "9310")}
    assert said["/patients/{id}: patientid"] == '"1001"'
    assert said["/patients/{id}: claimbalancedetails[].claimdetails[].patientbalance"] == "10"


def test_what_is_not_explained_and_who_is_nobody_takes_no_call(ready: AthenaHealth, sim: Simulator) -> None:
    assert not list(ready.explain(Kind.PERSONS, ANNA, "1001"))
    assert not list(ready.explain(Kind.BILLS, SourceKey("clinic", "1001"), "9301"))
    assert not list(ready.explain(Kind.BILLS, SourceKey("athena", "../ping"), "9301"))
    assert sim.calls == []


def test_reference_data_is_read_once_for_everybody(backend: AthenaHealth, sim: Simulator) -> None:
    for _ in range(3):
        backend.bills(ANNA)
        backend.bills(SourceKey("athena", "1002"))
        backend.visits(ANNA)
    assert (sim.count("/departments"), sim.count("/providers")) == (1, 1)


def test_only_reads_and_only_documented_parameters(
    open_backend: Open, sim: Simulator, practice: Practice, world: World
) -> None:
    backend = open_backend(receipts="each")
    practice.add_claim(1001, 9301, "225", "85.5")
    for ask in (backend.person, backend.bills, backend.accounts, backend.visits, backend.payments):
        ask(ANNA)
    list(backend.probe())
    asked = [call for call in sim.calls if call.template != "/oauth2/v1/token"]
    assert {call.method for call in asked} == {"GET"}
    assert world.surprises == []
    sent = {call.template: call.query.get("confidentialitycode") for call in asked}
    assert sent[PATIENT] == sent["/appointments/{id}"] == "N"


def test_each_call_sends_its_own_request_id(ready: AthenaHealth, sim: Simulator, heard: Heard) -> None:
    ready.bills(ANNA)
    ids = [call.headers["x-request-id"] for call in sim.calls]
    assert len(set(ids)) == 2
    told = [facts["source_request_id"] for facts in heard.of(Event.SOURCE_CALLED)]
    assert set(ids) <= set(told)


def test_a_merged_number_answers_for_the_one_in_force(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1002, 9310, "10", "10")
    practice.add_visit(1002, 985001, date=TODAY)
    practice.merge(1002, into=1001)
    old = SourceKey("athena", "1002")
    person = ready.person(old)
    assert person is not None
    assert (person.number, person.previous) == ("1001", ("1002",))
    assert person == ready.person(ANNA)
    sim.forget()
    assert [(bill.number, bill.patient) for bill in ready.bills(old)] == [("9310", "1001")]
    assert [visit.patient for visit in ready.visits(old)] == ["1001"]
    assert templates(sim) == [CLAIMS, PATIENT, VISITS]


def test_where_the_list_of_claims_does_not_follow_merges_it_is_asked_again(
    ready: AthenaHealth, sim: Simulator, practice: Practice
) -> None:
    practice.add_claim(1002, 9310, "10", 0)
    practice.merge(1002, into=1001)
    sim.fault("mutate", template=CLAIMS, times=1, change=lambda body: {"totalcount": 0, "claims": []})
    assert [bill.state for bill in ready.bills(SourceKey("athena", "1002"))] == [BillState.SETTLED]
    assert [call.query["patientid"] for call in sim.calls if call.template == CLAIMS] == ["1002", "1001"]


def test_nobody_has_records(ready: AthenaHealth, practice: Practice) -> None:
    practice.add_patient(1003, status="deleted")
    practice.add_patient(1004, confidentiality="R")
    practice.add_patient(1005, blocked=True)
    for number in ("1003", "1004", "1005", "777777"):
        key = SourceKey("athena", number)
        if number in practice.patients:
            practice.add_claim(number, f"9{number}", "10", "10")
        assert ready.person(key) is None
        assert not ready.bills(key)
        assert not ready.accounts(key)
        assert not ready.payments(key)


def test_a_site_can_have_the_patient_asked_for_beside_their_appointments(
    open_backend: Open, sim: Simulator, practice: Practice
) -> None:
    practice.restrict_everywhere = False
    practice.add_patient(1003, status="deleted")
    practice.add_patient(1004, confidentiality="R")
    for number in (1001, 1003, 1004):
        practice.add_visit(number, 985000 + number, date=TODAY)
    backend = open_backend(visits_ask_patient=True)
    backend.places()
    sim.forget()
    assert [len(backend.visits(SourceKey("athena", number))) for number in ("1001", "1003", "1004")] == [1, 0, 0]
    assert (sim.count(PATIENT), sim.count(VISITS)) == (3, 3)


def test_what_is_no_number_of_this_practice_is_nobody_and_takes_no_call(ready: AthenaHealth, sim: Simulator) -> None:
    for number in ("", "0", "01001", "1001 ", "-1", "1001/receipts", "../ping", "1001?showfamily=true", "١٠٠١"):
        assert ready.person(SourceKey("athena", number)) is None
        assert not ready.bills(SourceKey("athena", number))
    assert ready.person(SourceKey("clinic", "1001")) is None
    assert sim.calls == []


def test_a_claim_of_somebody_else_in_the_list_is_dropped(
    ready: AthenaHealth, sim: Simulator, practice: Practice, heard: Heard
) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")

    def with_a_strangers(body: dict[str, list[dict[str, object]]]) -> object:
        return body | {"claims": [*body["claims"], body["claims"][0] | {"patientid": 1002, "claimid": "9999"}]}

    sim.fault("mutate", template=CLAIMS, change=with_a_strangers)
    assert [bill.number for bill in ready.bills(ANNA)] == ["9301"]
    assert [facts["path"] for facts in heard.of(Event.SOURCE_SURPRISED)] == ["$.claims[1].patientid"]


def test_a_visit_of_somebody_else_in_the_list_is_dropped(
    ready: AthenaHealth, sim: Simulator, practice: Practice, heard: Heard
) -> None:
    practice.add_visit(1001, 985001, date=TODAY)
    practice.add_visit(1001, 985002, date=TODAY)

    def one_of_a_stranger(body: dict[str, list[dict[str, object]]]) -> object:
        first, second = body["appointments"]
        return body | {"appointments": [first, second | {"patientid": "1002"}]}

    sim.fault("mutate", template=VISITS, change=one_of_a_stranger)
    assert [visit.number for visit in ready.visits(ANNA)] == ["985001"]
    assert [facts["path"] for facts in heard.of(Event.SOURCE_SURPRISED)] == ["$.appointments[*].patientid"]


def test_records_are_located_by_their_numbers(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.add_claim(1001, 9301, "225", "85.5")
    practice.add_visit(1001, 985001, date=TODAY)
    practice.add_visit(None, 985002, date=TODAY, status="o")
    assert ready.locate(Kind.BILLS, "9301") == ANNA
    assert ready.locate(Kind.VISITS, "985001") == ANNA
    assert ready.locate(Kind.VISITS, "985002") is None
    assert ready.locate(Kind.BILLS, "1") is None
    assert templates(sim) == ["/appointments/{id}"] * 2 + ["/claims/{id}"] * 2
    assert ready.locate(Kind.ACCOUNTS, "1001-1") == ANNA
    assert ready.locate(Kind.ACCOUNTS, "1001") is None


def test_visits_cannot_be_located_where_the_endpoint_is_not_enabled(
    ready: AthenaHealth, practice: Practice, heard: Heard
) -> None:
    practice.add_visit(1001, 985001, date=TODAY)
    practice.not_enabled.add("/appointments/{id}")
    assert ready.locate(Kind.VISITS, "985001") is None
    assert [facts["endpoint"] for facts in heard.of(Event.ENDPOINT_NOT_ENABLED)] == ["/appointments/{id}"]


def test_a_bill_that_cannot_be_located_because_the_site_refuses_is_a_failure(
    ready: AthenaHealth, sim: Simulator
) -> None:
    sim.fault("forbidden", template="/claims/{id}")
    with pytest.raises(Refused):
        ready.locate(Kind.BILLS, "9301")


def test_without_the_providers_endpoint_bills_name_no_practitioner(
    backend: AthenaHealth, practice: Practice, heard: Heard
) -> None:
    practice.add_claim(1001, 9301, "225", "85.5", provider="27")
    practice.not_enabled.add("/providers")
    assert [bill.practitioner for bill in backend.bills(ANNA)] == [""]
    assert list(backend.practitioners()) == []
    assert [facts["endpoint"] for facts in heard.of(Event.ENDPOINT_NOT_ENABLED)] == ["/providers"]


def test_a_local_number_is_asked_for_with_its_department(
    open_backend: Open, sim: Simulator, practice: Practice
) -> None:
    backend = open_backend(patient_number="local", department="62")
    practice.add_claim(1001, 9301, "1", "1")

    def as_enterprise(body: list[dict[str, object]]) -> object:
        return [body[0] | {"patientid": "500", "localpatientid": "1001"}]

    sim.fault("mutate", template=PATIENT, change=as_enterprise)
    person = backend.person(ANNA)
    assert person is not None
    assert (person.number, person.previous) == ("1001", ())
    assert [bill.patient for bill in backend.bills(ANNA)] == ["1001"]
    assert {call.query.get("departmentid") for call in sim.calls if call.template == PATIENT} == {"62"}
    assert backend.abilities == frozenset()
    assert AthenaHealth.abilities == {Ability.LOCATE_BILLS, Ability.LOCATE_ACCOUNTS, Ability.LOCATE_VISITS}


def test_divisions_are_named(ready: AthenaHealth) -> None:
    assert ready.divisions() == {
        "provider_group": {"1": "Riverside", "2": "Lakeside"},
        "departments": {"1": "Riverside Main Street", "21": "Riverside Prairie", "62": "Lakeside Cardiology"},
    }


def test_whatever_the_practices_json_encoding_the_records_are_the_same(open_backend: Open, practice: Practice) -> None:
    claim = practice.add_claim(1001, 9301, "225.16", ".16", provider="27")
    claim.charges[0].transactions.append(Transaction("1", "-5", date=TODAY, epayment="3800"))
    practice.add_visit(1001, 985001, date=TODAY, copay="35.5")
    practice.add_receipt(1001, 3800, "5", requested="07/09/2025 11:40:34")

    def everything() -> list[object]:
        backend = open_backend()
        return [ask(ANNA) for ask in (backend.bills, backend.accounts, backend.visits, backend.payments)]

    mixed = everything()
    practice.proper_json = True
    assert everything() == mixed
