"""A payment is told once, by exactly these fields, and what comes of it is read with care (production rules F2, F3)."""

from __future__ import annotations

import datetime as dt
import json
import socket
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.athenahealth.letters import external_reference
from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import Declined, NotSent, Posting, Told, Unsure, Verdict
from fhir_facade.errors import Throttled
from fhir_facade.events import Event
from fhir_facade.keys import SourceKey
from fhir_facade.sandbox.athenahealth import AppointmentCopay, Balance, Practice, Simulator, Transaction
from fhir_facade.state.memory import MemoryStore
from tests.backends.athenahealth.conftest import ANNA, Clock, Heard, Open
from tests.backends.athenahealth.telling import METHODS, RECORD, VENDOR, posting

RECORDPAYMENT, PAYMENTS = "/patients/{id}/recordpayment", "/patientpayvendors/{vendor}/payments"
PATIENT, APPOINTMENT = "/patients/{id}", "/appointments/{id}"
WAYS = pytest.mark.parametrize(("way", "template"), [(RECORD, RECORDPAYMENT), (VENDOR, PAYMENTS)])


@pytest.fixture(autouse=True)
def owed(practice: Practice) -> None:
    practice.vendors["ACME"] = {"MC/VISA": "Visa", "AMEX": "Amex", "CASH": "Cash"}
    practice.add_claim(1001, 9301, "225", "85.50")
    practice.add_claim(1001, 9302, "40", "40", department="62")
    practice.add_visit(
        1001, 985001, date=dt.date(2026, 3, 9), copay="20", copay_detail=AppointmentCopay(insurance="20")
    )


def told(backend: AthenaHealth, payment: Posting) -> Told:
    return backend.tell(payment, json.loads(json.dumps(backend.snapshot(payment))))


def sent(sim: Simulator, template: str = RECORDPAYMENT) -> dict[str, str]:
    [call] = [call for call in sim.calls if call.template == template]
    return dict(call.form)


def test_a_snapshot_is_one_call_and_one_more_for_an_appointment(ready: AthenaHealth, sim: Simulator) -> None:
    ready.snapshot(posting({"9301": "10"}))
    assert [call.template for call in sim.calls] == [PATIENT]
    ready.snapshot(posting(visit="985001", copay="20"))
    assert [call.template for call in sim.calls][1:] == [PATIENT, APPOINTMENT]


def test_a_snapshot_is_read_anew_and_says_how_things_stand(ready: AthenaHealth, practice: Practice) -> None:
    practice.patients["1001"].balances["1"] = Balance("-978.7")
    practice.claims["9301"].charges[0].transactions.append(Transaction("73256", "-5", epayment="3800"))
    payment = posting({"9301": "10"}, visit="985001", copay="20")
    snapshot = ready.snapshot(payment)
    assert snapshot == {
        "way": {"via": "recordpayment", "department": "1", "method": "MC/VISA", "vendor": "", "terminal": ""},
        "patient": "1001",
        "claims": {"9301": {"balance": "85.5", "transactions": ["73256"]}},
        "copay": {"owed": "20", "for_visit": "0", "for_other": "0"},
        "balances": {"1": "-978.7", "2": "40"},
    }
    assert json.loads(json.dumps(snapshot)) == snapshot
    practice.claims["9301"].patient_balance = "1"
    assert ready.snapshot(payment)["claims"]["9301"]["balance"] == "1"


@pytest.mark.parametrize("kind", ["html", "throttled", "not-registered", "drop", "malformed", "hang"])
def test_without_a_snapshot_nothing_is_sent(open_backend: Open, sim: Simulator, kind: str) -> None:
    backend = open_backend(deadline_seconds=1)
    backend.places()
    sim.fault(kind, template=PATIENT)
    with pytest.raises(NotSent):
        backend.snapshot(posting({"9301": "10"}))


def test_where_appointments_are_not_told_in_full_the_copay_is_unknown(ready: AthenaHealth, practice: Practice) -> None:
    practice.not_enabled.add(APPOINTMENT)
    payment = posting(visit="985001", copay="20")
    assert ready.snapshot(payment)["copay"] is None
    assert told(ready, payment).verdict is Verdict.POSTED


def test_another_patients_appointment_is_not_looked_at(ready: AthenaHealth, practice: Practice) -> None:
    practice.add_visit(1002, 985002, date=dt.date(2026, 3, 9))
    assert ready.snapshot(posting(visit="985002", copay="20"))["copay"] is None


def test_recordpayment_is_told_by_these_fields(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    payment = posting({"9301": "85.5", "9302": ".16"}, visit="985001", copay="20", other="3")
    assert told(ready, payment) == Told(Verdict.POSTED, "5")
    assert sent(sim) == {
        "departmentid": "1",
        "paymentmethod": "MC/VISA",
        "cardnumberlast4": "1111",
        "postdate": "03/01/2026",
        "copayamount": "20.00",
        "appointmentid": "985001",
        "claimpayment": '[{"9301": "85.50"}, {"9302": "0.16"}]',
        "otheramount": "3.00",
    }
    assert [(each.amount, each.posted) for each in sim.recorded] == [(Decimal("108.66"), dt.date(2026, 3, 1))]
    assert practice.claims["9301"].owed == 0
    assert sim.world.surprises == []


def test_what_there_is_not_is_not_sent(ready: AthenaHealth, sim: Simulator) -> None:
    told(ready, posting({"9301": "10"}, brand="", tender="cash", last4=""))
    assert sent(sim) == {
        "departmentid": "1",
        "paymentmethod": "CASH",
        "postdate": "03/01/2026",
        "claimpayment": '[{"9301": "10.00"}]',
    }


def test_a_vendors_payment_has_its_reference(ready: AthenaHealth, sim: Simulator) -> None:
    outcome = told(ready, posting({"9301": "10"}, settings=VENDOR))
    form = sent(sim, PAYMENTS)
    assert (
        form.items()
        >= {
            "patientid": "1001",
            "externalrefid": external_reference("a-ledger-id"),
            "vendorterminalid": "T1",
            "movetounappliedifoverpay": "true",
            "postdate": "03/01/2026",
        }.items()
    )
    assert outcome == Told(Verdict.POSTED, sim.recorded[0].number)
    assert sim.world.surprises == []


@WAYS
def test_telling_is_one_call(ready: AthenaHealth, sim: Simulator, way: dict[str, Any], template: str) -> None:
    payment = posting({"9301": "10"}, settings=way)
    snapshot = ready.snapshot(payment)
    sim.forget()
    ready.tell(payment, snapshot)
    [call] = sim.calls
    assert (call.template, call.method) == (template, "POST")
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"


def test_proper_json_is_read_as_well(ready: AthenaHealth, practice: Practice) -> None:
    practice.proper_json = True
    for settings in (RECORD, VENDOR):
        assert told(ready, posting({"9301": "10"}, settings=settings)).verdict is Verdict.POSTED


def test_less_is_owed_by_the_time_of_posting(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.claims["9301"].patient_balance = "60"
    practice.claims["9302"].patient_balance = "-3"
    outcome = told(ready, posting({"9301": "85.50", "9302": "40"}))
    assert outcome.flags == ("overpaid",)
    assert (sent(sim)["claimpayment"], sent(sim)["otheramount"]) == ('[{"9301": "60.00"}]', "65.50")


def test_a_claim_that_is_gone_gets_nothing(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.remove_claim(9302)
    assert told(ready, posting({"9302": "40"})).flags == ("overpaid",)
    assert sent(sim)["otheramount"] == "40.00"
    assert "claimpayment" not in sent(sim)


def test_a_merged_patients_payment_goes_to_the_number_in_force(
    ready: AthenaHealth, sim: Simulator, practice: Practice
) -> None:
    practice.add_claim(1002, 9310, "10", "10")
    practice.merge(1002, into=1001)
    told(ready, posting({"9310": "10"}, patient=SourceKey("athena", "1002")))
    assert [each.patient for each in sim.recorded] == ["1001"]


@pytest.mark.parametrize(
    "changes",
    [
        {"brand": "discover"},
        {"settings": {}},
        {"patient": SourceKey("athena", "4040")},
        {"patient": SourceKey("athena", "../ping")},
        {"amount": Decimal("10.01")},
        {"bills": {"9301": "10.005"}},
        {"bills": {"93-1": "10"}},
        {"bills": {}, "copay": "10"},
        {"bills": {}, "copay": "10", "visit": "985001/../985002"},
        {"bills": {"9301": "11"}, "other": "-1"},
    ],
    ids=str,
)
def test_what_cannot_be_told_is_declined_before_it_is_sent(
    ready: AthenaHealth, sim: Simulator, changes: dict[str, Any]
) -> None:
    payment = posting(**{"bills": {"9301": "10"}, **changes})
    snapshot = ready.snapshot(payment)
    with pytest.raises(Declined):
        ready.tell(payment, snapshot)
    assert sim.recorded == []
    assert {call.method for call in sim.calls} <= {"GET"}
    assert ready.found(payment, snapshot).verdict is Verdict.ABSENT


OUTCOMES = [
    ("throttled", {}, NotSent),
    ("throttled", {"retry_after": 7}, NotSent),
    ("forbidden-text", {}, NotSent),
    ("token-expired", {}, NotSent),
    ("unauthorized", {}, NotSent),
    ("unauthorized", {"legacy": True}, NotSent),
    ("failure", {}, Declined),
    ("answer", {"body": [{"success": "false", "errortext": "No."}]}, Declined),
    ("json-error", {"status": 400}, Declined),
    ("forbidden", {}, Declined),
    ("invalid-practice", {}, Declined),
    ("not-registered", {}, Declined),
    ("json-error", {"status": 408}, Unsure),
    ("json-error", {"status": 500}, Unsure),
    ("html", {"status": 502}, Unsure),
    ("html", {"status": 404}, Unsure),
    ("answer", {"status": 404, "body": b'{"error":'}, Unsure),
    ("answer", {"status": 302, "body": b""}, Unsure),
    ("answer", {"status": 400, "body": {"message": "?"}}, Unsure),
    ("answer", {"body": b""}, Unsure),
    ("answer", {"body": b"1"}, Unsure),
    ("answer", {"body": []}, Unsure),
    ("answer", {"body": [{"success": "true"}, {"success": "true"}]}, Unsure),
    ("answer", {"body": {"paymentbatchid": "5"}}, Unsure),
    ("answer", {"body": {"error": "?"}}, Unsure),
    ("recorded", {"then": "hang"}, Unsure),
    ("recorded", {"then": "html", "status": 503}, Unsure),
    ("recorded", {"then": "json-error", "status": 500}, Unsure),
    ("recorded", {"then": "malformed"}, Unsure),
    ("drop", {}, Unsure),
    ("drop", {"after": 3}, Unsure),
    ("hang", {}, Unsure),
]


@WAYS
@pytest.mark.parametrize(("kind", "options", "outcome"), OUTCOMES, ids=str)
def test_what_an_answer_means(
    open_backend: Open,
    sim: Simulator,
    way: dict[str, Any],
    template: str,
    kind: str,
    options: dict[str, Any],
    outcome: type[Exception],
) -> None:
    backend = open_backend(posting_deadline_seconds=1)
    payment = posting({"9301": "10"}, settings=way)
    snapshot = backend.snapshot(payment)
    sim.fault(kind, template=template, **options)
    with pytest.raises(outcome) as raised:
        backend.tell(payment, snapshot)
    assert raised.type is outcome
    assert sim.count(template) == 1
    recorded = kind in ("recorded", "drop")
    assert len(sim.recorded) == int(recorded)


def test_a_refusal_names_the_fields_that_we_sent_and_no_value(ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"}, last4="")
    with pytest.raises(Declined, match=r"answered 400, and names cardnumberlast4$"):
        ready.tell(payment, ready.snapshot(payment))


def test_what_a_refusal_names_beside_our_fields_is_left_out(ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    body = {"error": "Ann Example", "missingfields": ["postdate", "Ann Example"], "invalidfields": ["departmentid"]}
    sim.fault("answer", template=RECORDPAYMENT, status=400, body=body)
    with pytest.raises(Declined, match=r"answered 400, and names departmentid, postdate$"):
        ready.tell(payment, snapshot)


def test_without_a_connection_nothing_was_sent(
    settings: dict[str, Any], context: Context, ready: AthenaHealth, sim: Simulator
) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = f"http://127.0.0.1:{listener.getsockname()[1]}"
    elsewhere = AthenaHealth.open(settings | {"base_url": gone}, context)
    with pytest.raises(NotSent):
        elsewhere.tell(payment, snapshot)
    elsewhere.close()


def test_a_connection_that_is_refused_after_the_token_was_had_sent_nothing(ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    sim.__exit__(None, None, None)
    with pytest.raises(NotSent):
        ready.tell(payment, snapshot)


def test_without_a_token_nothing_was_sent(backend: AthenaHealth, ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    sim.world.client_secret = "another"
    sim.expire_tokens()
    with pytest.raises(NotSent):  # the token has ended
        ready.tell(payment, snapshot)
    with pytest.raises(NotSent):  # and no other is had
        ready.tell(payment, snapshot)
    assert sim.count(RECORDPAYMENT) == 1
    assert sim.recorded == []


def test_a_token_that_has_ended_is_replaced_for_the_next_try(ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    sim.expire_tokens()
    with pytest.raises(NotSent):
        ready.tell(payment, snapshot)
    assert ready.tell(payment, snapshot).verdict is Verdict.POSTED
    assert len(sim.recorded) == 1


def test_a_practice_that_refuses_every_token_declines(ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    sim.fault("unauthorized", template=RECORDPAYMENT)
    outcomes = []
    for _ in range(4):
        with pytest.raises((NotSent, Declined)) as raised:
            ready.tell(payment, snapshot)
        outcomes.append(raised.type)
    assert outcomes == [NotSent, NotSent, Declined, Declined]


def test_failed_writes_do_not_open_the_circuit_breaker(ready: AthenaHealth, sim: Simulator, heard: Heard) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    sim.fault("html", template=RECORDPAYMENT)
    for _ in range(7):
        with pytest.raises(Unsure):
            ready.tell(payment, snapshot)
    assert heard.of(Event.BREAKER_OPENED) == []
    assert ready.person(ANNA) is not None


def test_postings_go_on_when_reads_have_spent_their_share_of_the_day(
    open_backend: Open, sim: Simulator, store: MemoryStore
) -> None:
    backend = open_backend(rate={"per_day": 30})
    for _ in range(27):
        backend.person(ANNA)
    with pytest.raises(Throttled):
        backend.person(ANNA)
    assert told(backend, posting({"9301": "10"})).verdict is Verdict.POSTED
    snapshot = backend.snapshot(posting({"9301": "10"}))
    with pytest.raises(NotSent):
        backend.tell(posting({"9301": "10"}), snapshot)
    assert len([call for call in sim.calls if call.practice]) == 30


def test_a_throttled_practice_is_left_alone(ready: AthenaHealth, sim: Simulator, clock: Clock) -> None:
    payment = posting({"9301": "10"})
    snapshot = ready.snapshot(payment)
    sim.fault("throttled", template=RECORDPAYMENT, times=1, retry_after=30)
    for _ in range(2):
        with pytest.raises(NotSent):
            ready.tell(payment, snapshot)
    assert sim.count(RECORDPAYMENT) == 1


def test_the_log_has_the_template_and_no_value(ready: AthenaHealth, heard: Heard) -> None:
    told(ready, posting({"9301": "10"}, settings=VENDOR))
    [call] = [facts for facts in heard.of(Event.SOURCE_CALLED) if "pay" in str(facts["endpoint"])]
    assert call["endpoint"] == PAYMENTS
    assert (call["status"], call["attempt"]) == ("2xx", 1)
    assert not {"1001", "9301", "ACME", "10.00"} & {str(fact) for fact in call.values()}


@pytest.mark.parametrize(
    ("tender", "brand", "taken"),
    [
        ("card", "visa", True),
        ("card", "Visa", True),
        ("card", "discover", False),
        ("card", "", True),
        ("cash", "", True),
        ("ach", "", False),
        ("", "", False),
    ],
)
def test_a_tender_without_a_method_is_not_taken(backend: AthenaHealth, tender: str, brand: str, taken: bool) -> None:
    assert backend.takes(RECORD, tender, brand) is taken
    assert backend.takes({}, tender, brand) is False


def test_card_stands_for_brands_that_are_not_named(backend: AthenaHealth) -> None:
    named = RECORD | {"methods": METHODS | {"card": "OTHER"}}
    assert backend.takes(named, "card", "discover")
    assert backend.snapshot(posting({"9301": "1"}, brand="discover", settings=named))["way"]["method"] == "OTHER"
    assert not backend.takes(RECORD | {"methods": {"ach": "OTHER"}}, "card")


def test_the_lock_is_the_practices_and_the_patients(backend: AthenaHealth) -> None:
    assert backend.lock_key(ANNA) == "athenahealth/195900/posting/1001"
