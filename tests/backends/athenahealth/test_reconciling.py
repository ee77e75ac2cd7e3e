"""After an unknown outcome: posted only where that is proved, and never told again blindly (rules F3, F4)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.posting import NotSent, Posting, Told, Unsure, Verdict
from fhir_facade.sandbox.athenahealth import AppointmentCopay, Charge, Practice, Simulator, Transaction
from tests.backends.athenahealth.conftest import Open
from tests.backends.athenahealth.telling import METHODS, RECORD, VENDOR, posting

RECORDPAYMENT, PAYMENTS = "/patients/{id}/recordpayment", "/patientpayvendors/{vendor}/payments"
PATIENT, APPOINTMENT = "/patients/{id}", "/appointments/{id}"
UNDECIDED = Told(Verdict.UNDECIDED)


@pytest.fixture(autouse=True)
def owed(practice: Practice) -> None:
    practice.vendors["ACME"] = {"MC/VISA": "Visa"}
    practice.add_claim(1001, 9301, "225", "85.50", charges=[Charge("72801", "30"), Charge("72802", "195")])
    practice.add_claim(1001, 9302, "40", "40")
    practice.add_visit(
        1001, 985001, date=dt.date(2026, 3, 9), copay="20", copay_detail=AppointmentCopay(insurance="20")
    )


def unsure(backend: AthenaHealth, sim: Simulator, payment: Posting, recorded: bool) -> Any:
    """The snapshot of a payment whose outcome is unknown."""
    snapshot = backend.snapshot(payment)
    kind, options = ("recorded", {"then": "html"}) if recorded else ("html", {})
    template = PAYMENTS if payment.settings["via"] == "vendor" else RECORDPAYMENT
    sim.fault(kind, template=template, times=1, **options)
    with pytest.raises(Unsure):
        backend.tell(payment, snapshot)
    assert len(sim.recorded) == int(recorded)
    sim.forget()
    return snapshot


@pytest.mark.parametrize(
    ("payment", "calls"),
    [
        (posting({"9301": "85.50"}), [PATIENT]),
        (posting({"9301": "10", "9302": "40"}), [PATIENT]),
        (posting(visit="985001", copay="20"), [PATIENT, APPOINTMENT]),
        (posting({"9302": "1.16"}, visit="985001", copay="20"), [PATIENT, APPOINTMENT]),
    ],
)
def test_what_was_recorded_is_found_and_what_was_not_is_not(
    ready: AthenaHealth, sim: Simulator, payment: Posting, calls: list[str]
) -> None:
    missing = unsure(ready, sim, payment, recorded=False)
    assert ready.found(payment, missing) == UNDECIDED
    snapshot = unsure(ready, sim, payment, recorded=True)
    assert ready.found(payment, snapshot) == Told(Verdict.POSTED)
    assert [call.template for call in sim.calls] == calls
    assert len(sim.recorded) == 1


def test_a_claims_share_may_come_in_several_transactions(
    ready: AthenaHealth, sim: Simulator, practice: Practice
) -> None:
    payment = posting({"9301": "85.50"})
    snapshot = unsure(ready, sim, payment, recorded=True)
    rows = [row for charge in practice.claims["9301"].charges for row in charge.transactions]
    assert [row.amount for row in rows] == [Decimal("-30"), Decimal("-55.50")]
    assert ready.found(payment, snapshot).verdict is Verdict.POSTED


@pytest.mark.parametrize(
    "row",
    [
        Transaction("1", "-9.99"),
        Transaction("1", "-10.01"),
        Transaction("1", "10"),
        Transaction("1", "-10", transfer="1"),  # an insurer's
        Transaction("1", "-10", epayment="3800"),  # taken by athenahealth itself
        Transaction("1", "-10", type="ADJUSTMENT"),
        Transaction("1", "-10", type="TRANSFEROUT"),
    ],
)
def test_other_transactions_prove_nothing(
    ready: AthenaHealth, sim: Simulator, practice: Practice, row: Transaction
) -> None:
    payment = posting({"9302": "10"})
    snapshot = unsure(ready, sim, payment, recorded=False)
    practice.claims["9302"].charges[0].transactions.append(row)
    assert ready.found(payment, snapshot) == UNDECIDED


def test_what_was_there_before_proves_nothing(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.claims["9302"].charges[0].transactions.append(Transaction("1", "-10"))
    payment = posting({"9302": "10"})
    assert ready.found(payment, unsure(ready, sim, payment, recorded=False)) == UNDECIDED


def test_a_lower_balance_alone_proves_nothing(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    payment = posting({"9302": "10"})
    snapshot = unsure(ready, sim, payment, recorded=False)
    practice.claims["9302"].patient_balance = "30"
    assert ready.found(payment, snapshot) == UNDECIDED


def test_half_of_a_payment_is_not_the_payment(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    payment = posting({"9301": "10", "9302": "10"})
    snapshot = unsure(ready, sim, payment, recorded=False)
    practice.claims["9302"].charges[0].transactions.append(Transaction("1", "-10"))
    assert ready.found(payment, snapshot) == UNDECIDED
    practice.claims["9301"].charges[0].transactions.append(Transaction("2", "-10"))
    assert ready.found(payment, snapshot) == Told(Verdict.POSTED)


def test_what_is_for_neither_cannot_be_told(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    practice.claims["9302"].patient_balance = "30"
    for payment in (posting({"9301": "10"}, other="1"), posting({"9302": "40"}), posting(other="5")):
        sim.world.practice("195900").till.recorded.clear()
        snapshot = unsure(ready, sim, payment, recorded=True)
        assert ready.found(payment, snapshot) == UNDECIDED
        assert sim.calls == []


@pytest.mark.parametrize(
    ("for_visit", "for_other", "told"),
    [
        ("20", "0", Told(Verdict.POSTED)),
        ("20", "5", Told(Verdict.POSTED)),
        ("0", "20", Told(Verdict.POSTED, flags=("unassigned",))),
        ("0", "0", UNDECIDED),
        ("19.99", "0", UNDECIDED),
        ("20.01", "0", UNDECIDED),
        ("5", "20", UNDECIDED),
        ("0", "25", UNDECIDED),
    ],
)
def test_a_copay_is_posted_if_what_was_collected_rose_by_exactly_it(
    ready: AthenaHealth, sim: Simulator, practice: Practice, for_visit: str, for_other: str, told: Told
) -> None:
    payment = posting(visit="985001", copay="20")
    snapshot = unsure(ready, sim, payment, recorded=False)
    practice.visits["985001"].copay_detail = AppointmentCopay("20", for_visit, for_other)
    assert ready.found(payment, snapshot) == told


def test_a_copay_that_counts_for_no_appointment_is_posted_and_flagged(
    ready: AthenaHealth, sim: Simulator, practice: Practice
) -> None:
    practice.assigns_copays = False
    payment = posting(visit="985001", copay="20")
    assert ready.found(payment, unsure(ready, sim, payment, recorded=True)).flags == ("unassigned",)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_copay_whose_collection_is_not_told_cannot_be_found(
    ready: AthenaHealth, sim: Simulator, practice: Practice, when: str
) -> None:
    payment = posting(visit="985001", copay="20")
    if when == "before":
        practice.visits["985001"].copay_detail = None
    snapshot = unsure(ready, sim, payment, recorded=True)
    practice.not_enabled |= {APPOINTMENT} if when == "after" else set()
    assert ready.found(payment, snapshot) == UNDECIDED


@pytest.mark.parametrize("kind", ["html", "throttled", "malformed"])
def test_who_cannot_look_says_so(ready: AthenaHealth, sim: Simulator, kind: str) -> None:
    payment = posting({"9301": "10"})
    snapshot = unsure(ready, sim, payment, recorded=True)
    sim.fault(kind, template=PATIENT)
    with pytest.raises(NotSent):
        ready.found(payment, snapshot)


def test_a_patient_who_is_gone_cannot_be_looked_at(ready: AthenaHealth, sim: Simulator, practice: Practice) -> None:
    payment = posting({"9301": "10"}, visit="985001", copay="1")
    snapshot = unsure(ready, sim, payment, recorded=True)
    practice.patients["1001"].status = "deleted"
    assert ready.found(payment, snapshot) == UNDECIDED


def test_settings_that_change_do_not_change_how_it_is_looked_for(ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"})
    snapshot = unsure(ready, sim, payment, recorded=True)
    for settings in (VENDOR, {}):
        later = posting({"9301": "10"}, settings=settings)
        assert ready.found(later, snapshot) == Told(Verdict.POSTED)
    assert len(sim.recorded) == 1


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("other", ["0", "5"])
def test_a_vendor_tells_it_again_and_it_is_there_once(
    ready: AthenaHealth, sim: Simulator, practice: Practice, recorded: bool, other: str
) -> None:
    payment = posting({"9301": "10"}, other=other, settings=VENDOR)
    snapshot = unsure(ready, sim, payment, recorded=recorded)
    practice.claims["9301"].patient_balance = "1"  # what has changed meanwhile changes nothing of what is told
    for _ in range(2):
        assert ready.found(payment, snapshot).verdict is Verdict.POSTED
    assert [call.template for call in sim.calls] == [PAYMENTS] * 2
    assert [each.amount for each in sim.recorded] == [payment.amount]


@pytest.mark.parametrize(
    ("kind", "options"),
    [("html", {}), ("json-error", {"status": 400, "text": "The claim has already been closed."}), ("failure", {})],
)
def test_a_vendors_other_answers_prove_nothing(
    ready: AthenaHealth, sim: Simulator, kind: str, options: dict[str, Any]
) -> None:
    payment = posting({"9301": "10"}, settings=VENDOR)
    snapshot = unsure(ready, sim, payment, recorded=True)
    sim.fault(kind, template=PAYMENTS, **options)
    assert ready.found(payment, snapshot) == UNDECIDED


def test_a_vendors_throttled_retry_has_told_nothing(ready: AthenaHealth, sim: Simulator) -> None:
    payment = posting({"9301": "10"}, settings=VENDOR)
    snapshot = unsure(ready, sim, payment, recorded=True)
    sim.fault("throttled", template=PAYMENTS)
    with pytest.raises(NotSent):
        ready.found(payment, snapshot)


def test_a_site_says_how_its_vendors_duplicates_are_refused(open_backend: Open, sim: Simulator) -> None:
    payment = posting({"9301": "10"}, settings=VENDOR)
    answer = {"status": 400, "text": "Reference in use."}
    for says, verdict in (("in use", Verdict.POSTED), ("taken", Verdict.UNDECIDED)):
        backend = open_backend(vendor_duplicate_says=says)
        snapshot = backend.snapshot(payment)
        fault = sim.fault("json-error", template=PAYMENTS, **answer)
        assert backend.found(payment, snapshot).verdict is verdict
        assert fault.met == 1
        sim.reset()


def test_a_site_whose_vendor_checks_no_duplicates_looks_instead(open_backend: Open, sim: Simulator) -> None:
    backend = open_backend(vendor_reconciles_by="look")
    payment = posting({"9301": "10"}, settings=VENDOR)
    snapshot = unsure(backend, sim, payment, recorded=True)
    assert backend.found(payment, snapshot) == Told(Verdict.POSTED)
    assert sim.count(PAYMENTS) == 0


def test_a_regular_expression_that_is_none_is_refused(open_backend: Open) -> None:
    with pytest.raises(ValueError, match="vendor_duplicate_says"):
        open_backend(vendor_duplicate_says="(")


def test_the_two_ways_are_one_payment_each(ready: AthenaHealth, sim: Simulator) -> None:
    for settings in (RECORD, VENDOR):
        payment = posting({"9301": "10"}, settings=settings)
        ready.tell(payment, ready.snapshot(payment))
    assert [each.reference is None for each in sim.recorded] == [True, False]
    assert METHODS["visa"] == sim.recorded[0].method
