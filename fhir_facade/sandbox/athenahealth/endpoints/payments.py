"""``recordpayment`` and the patient pay vendors' ``payments`` and ``refund`` (reference 8.7, 8.14).

How a vendor's duplicate is refused, and what a vendor's payment answers, is not documented: inferred here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fhir_facade.sandbox.athenahealth.answers import NO_SUCH_ID, Refusal, error, missing
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.bills import Claim, Transaction
from fhir_facade.sandbox.athenahealth.endpoints.patients import find, group_of
from fhir_facade.sandbox.athenahealth.endpoints.paying import CASH, Paid, amount, paid
from fhir_facade.sandbox.athenahealth.pages import page
from fhir_facade.sandbox.athenahealth.patients import Patient
from fhir_facade.sandbox.athenahealth.practice import Practice
from fhir_facade.sandbox.athenahealth.till import Recorded

INVALID = "The data provided is invalid."


def record_payment(ask: Ask) -> list[dict[str, Any]]:
    """An array of one, with texts; the batch's number and nothing else."""
    with ask.practice.till.lock:
        patient = find(ask, ask.number)
        taken = _take(ask, patient, paid(ask, patient, {**ask.practice.card_methods, **CASH}))
        return [{"success": ask.forms.quoted_flag(True), "paymentbatchid": taken.batch}]


def vendor_payment(ask: Ask) -> dict[str, Any]:
    """The payment's number; a second one under the same ``externalrefid`` is refused, whatever it says."""
    methods = _methods(ask)
    with ask.practice.till.lock:
        reference = _reference(ask)
        patient = find(ask, ask.form.get("patientid", ""))
        what = paid(ask, patient, methods)
        _first(ask, reference)
        taken = _take(ask, patient, what, reference)
        return {"success": ask.forms.quoted_flag(True), "patientpaymentid": ask.forms.quoted(taken.number)}


def vendor_refund(ask: Ask) -> dict[str, Any]:
    """All of a payment is given back, once."""
    methods = _methods(ask)
    with ask.practice.till.lock:
        reference = _reference(ask)
        ask.require_fields("departmentid", "patientid", "paymentmethod")
        taken = next((each for each in ask.practice.till.recorded if each.number == ask.payment and each.vendor), None)
        if taken is None or taken.patient != ask.form["patientid"]:
            raise Refusal(NO_SUCH_ID)
        if ask.form.get("fullrefund", "").lower() != "true" or ask.form["paymentmethod"] not in methods:
            raise Refusal(error(400, INVALID, "Only full refunds are supported."))
        if taken.refunded:
            raise Refusal(error(400, INVALID, "The payment has been refunded."))
        _first(ask, reference)
        taken.refunded = True
        _apply(ask.practice, ask.practice.patients[taken.patient], taken, -1)
        return {"success": ask.forms.quoted_flag(True), "patientpaymentid": ask.forms.quoted(taken.number)}


def vendor_methods(ask: Ask) -> dict[str, Any]:
    """As the practice's card methods (inferred)."""
    return page(
        ask, "paymentmethods", list(_methods(ask).items()), lambda row: {"name": row[1], "paymentmethod": row[0]}
    )


def _methods(ask: Ask) -> Mapping[str, str]:
    methods = ask.practice.vendors.get(ask.vendor)
    if methods is None:
        raise Refusal(error(404, "The vendor code is invalid."))
    return methods


def _reference(ask: Ask) -> str:
    reference = ask.form.get("externalrefid", "")
    if not reference:
        raise Refusal(missing("externalrefid"))
    if len(reference) > 32:
        raise Refusal(error(400, INVALID, "EXTERNALREFID is longer than 32."))
    if (ask.vendor, reference) in ask.practice.till.references:
        raise Refusal(error(409, INVALID, "Duplicate EXTERNALREFID."))
    return reference


def _first(ask: Ask, reference: str) -> None:
    ask.practice.till.references.add((ask.vendor, reference))


def _take(ask: Ask, patient: Patient, what: Paid, reference: str | None = None) -> Recorded:
    till = ask.practice.till
    taken = Recorded(
        number=till.number(),
        patient=patient.number,
        department=what.department,
        method=what.method,
        posted=what.posted,
        batch=till.batch(what.posted),
        claims=what.claims,
        appointment=what.appointment,
        copay=what.copay,
        other=what.other,
        last4=ask.form.get("cardnumberlast4"),
        vendor=ask.vendor or None,
        reference=reference,
    )
    till.recorded.append(taken)
    _apply(ask.practice, patient, taken, 1)
    return taken


def _apply(practice: Practice, patient: Patient, taken: Recorded, sign: int) -> None:
    """Move the money: in with ``sign`` 1, out with -1."""
    for number, part in taken.claims.items():
        _pay(practice, practice.claims[number], taken, sign * part)
    if taken.copay:
        _collect(practice, taken.appointment or "", sign * taken.copay)
    group = practice.group_of(taken.department)
    patient.unapplied[group] = patient.unapplied.get(group, Decimal()) + sign * (taken.copay + taken.other)


def _pay(practice: Practice, claim: Claim, taken: Recorded, part: Decimal) -> None:
    """One PAYMENT for each charge that it covers; what is over stays with the last."""
    left, last = abs(part), len(claim.charges) - 1
    for position, charge in enumerate(claim.charges):
        here = left if position == last else min(left, Decimal(charge.amount))
        if here:
            row = Transaction(practice.till.number(), -here if part > 0 else here, date=taken.posted)
            charge.transactions = [*charge.transactions, row]
        left -= here
    claim.patient_balance = Decimal(claim.patient_balance) - part
    balance = practice.patients[claim.patient].balances.get(group_of(practice, claim))
    if balance is not None:
        balance.amount = Decimal(balance.amount) - part


def _collect(practice: Practice, number: str, part: Decimal) -> None:
    visit = practice.visits[number]
    if visit.copay is not None and practice.assigns_copays:
        visit.copay = max(Decimal(), Decimal(visit.copay) - part)
    if visit.copay_detail is None:
        return
    name = "collected_for_appointment" if practice.assigns_copays else "collected_for_other"
    setattr(visit.copay_detail, name, amount(getattr(visit.copay_detail, name)) + part)
