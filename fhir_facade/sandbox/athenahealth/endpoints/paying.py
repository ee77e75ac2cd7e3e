"""A payment's form, read as strictly as the documentation has it (reference 8.7)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fhir_facade.sandbox.athenahealth.answers import Refusal, error, missing, not_expected
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.forms import EASTERN
from fhir_facade.sandbox.athenahealth.patients import Patient

CASH: Mapping[str, str] = {"CASH": "Cash", "CHECK": "Check"}
INVALID = "The data provided is invalid."


@dataclass(frozen=True)
class Paid:
    """What a form says was paid; without ``postdate`` it is today's, which is what the facade must not rely on."""

    department: str
    method: str
    posted: dt.date
    claims: Mapping[str, Decimal]
    appointment: str | None
    copay: Decimal
    other: Decimal


def paid(ask: Ask, patient: Patient, methods: Mapping[str, str]) -> Paid:
    """The form, or 400 with what is wrong with it."""
    ask.require_fields("departmentid", "paymentmethod")
    form, method = ask.form, ask.form["paymentmethod"]
    if form["departmentid"] not in ask.practice.departments:
        raise Refusal(error(400, INVALID, "The department is invalid."))
    if method not in methods:
        raise Refusal(error(400, INVALID, "The payment method is invalid.", invalidfields=["paymentmethod"]))
    if method not in CASH:
        ask.require_fields("cardnumberlast4")
    if method == "CHECK":
        ask.require_fields("checknumber")
    copay, other, claims = amount(form.get("copayamount")), amount(form.get("otheramount")), _claims(ask, patient)
    if not (copay or other or claims):
        raise Refusal(missing("copayamount", "otheramount", "claimpayment"))
    return Paid(form["departmentid"], method, _posted(ask), claims, _appointment(ask, patient, copay), copay, other)


def amount(said: Any) -> Decimal:
    """Dollars; 400 for what is none, or has fractions of a cent."""
    try:
        value = Decimal(str(said or 0))
    except InvalidOperation:
        raise Refusal(error(400, INVALID, "Expecting type number.")) from None
    if not value.is_finite() or value < 0 or value % Decimal("0.01"):
        raise Refusal(error(400, INVALID, "Expecting type number."))
    return value


def _posted(ask: Ask) -> dt.date:
    said = ask.form.get("postdate")
    if said is None:
        return ask.world.now().astimezone(EASTERN).date()
    try:
        return dt.datetime.strptime(said, "%m/%d/%Y").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise Refusal(not_expected("date", said)) from None


def _claims(ask: Ask, patient: Patient) -> Mapping[str, Decimal]:
    """``[ {"1":"1.00"}, {"2":"5.00"} ]``: one claim in each object, each the patient's, and no claim twice."""
    said = ask.form.get("claimpayment")
    if said is None:
        return {}
    try:
        pairs = [next(iter(row.items())) for row in json.loads(said) if len(row) == 1]
    except (ValueError, AttributeError, TypeError):
        raise Refusal(error(400, INVALID, "CLAIMPAYMENT is no JSON of the form expected.")) from None
    found = {number: amount(part) for number, part in pairs}
    own = {claim.number for claim in patient.claims}
    if not found or len(found) != len(json.loads(said)) or not found.keys() <= own or not all(found.values()):
        raise Refusal(error(400, INVALID, "CLAIMPAYMENT names a claim that is not the patient's."))
    return found


def _appointment(ask: Ask, patient: Patient, copay: Decimal) -> str | None:
    if not copay:
        return None
    ask.require_fields("appointmentid")
    number = ask.form["appointmentid"]
    if number not in {visit.number for visit in patient.visits if visit.status != "x"}:
        raise Refusal(error(400, INVALID, "The appointment is not the patient's."))
    return number
