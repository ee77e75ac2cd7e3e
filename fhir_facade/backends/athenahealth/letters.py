"""A payment as athenahealth is told of it: which write, and its form (reference 8.7, 8.14)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fhir_facade.backends.athenahealth.splitting import Shares, split
from fhir_facade.backends.athenahealth.standing import Standing
from fhir_facade.backends.athenahealth.times import EASTERN
from fhir_facade.backends.athenahealth.ways import VENDOR, Way
from fhir_facade.backends.athenahealth.writes import RECORD_PAYMENT, VENDOR_PAYMENT, Write
from fhir_facade.backends.posting import Posting

_CENT = Decimal("0.01")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Letter:
    """``numbers`` fill the write's template."""

    write: Write
    form: Mapping[str, str]
    numbers: Mapping[str, str]
    shares: Shares


def hindrance(posting: Posting, before: Standing) -> str:
    """Why this payment is surely never told, for operators; empty where it can be.  The same whenever it is asked."""
    parts = [*posting.bills.values(), posting.visit_amount, posting.other]
    if not before.way.via:
        return "the assigning authority has no posting settings"
    if not before.patient:
        return "athenahealth does not show this patient"
    if not before.way.method:
        return "posting.methods names no method for this tender"
    if sum(parts, Decimal()) != posting.amount or posting.amount <= 0 or min(parts) < 0:
        return "the parts do not sum to the amount"
    if any(part % _CENT for part in parts):
        return "an amount has fractions of a cent"
    if not all(_NUMBER.fullmatch(number) for number in (*posting.bills, posting.visit or "1")):
        return "a claim or an appointment has no number of athenahealth's"
    if bool(posting.visit) != (posting.visit_amount > 0):
        return "an amount for an appointment needs the appointment, and the reverse"
    return ""


def letter(posting: Posting, before: Standing) -> Letter:
    """The write and its form; the same for the same payment and snapshot, so that a vendor can tell it again."""
    shares, way = split(posting, before), before.way
    form = {
        "departmentid": way.department,
        "paymentmethod": way.method,
        "cardnumberlast4": posting.last4,
        "postdate": posting.captured.astimezone(EASTERN).strftime("%m/%d/%Y"),
        "copayamount": _dollars(shares.copay),
        "appointmentid": posting.visit,
        "claimpayment": _claim_payment(shares.claims),
        "otheramount": _dollars(shares.other),
    }
    if way.via != VENDOR:
        return Letter(RECORD_PAYMENT, _said(form), {"id": before.patient}, shares)
    form |= _of_vendor(posting, before.patient, way)
    return Letter(VENDOR_PAYMENT, _said(form), {"vendor": way.vendor}, shares)


def external_reference(payment: str) -> str:
    """A payment's name for a vendor: always the same, 32 characters at most, and it shows nothing."""
    return hashlib.sha256(payment.encode()).hexdigest()[:32]


def _of_vendor(posting: Posting, patient: str, way: Way) -> dict[str, str]:
    return {
        "patientid": patient,
        "externalrefid": external_reference(posting.payment),
        "vendorterminalid": way.terminal,
        "movetounappliedifoverpay": "true",  # for what is paid at the desk between the snapshot and this call
    }


def _claim_payment(claims: Mapping[str, Decimal]) -> str:
    return json.dumps([{number: _dollars(part)} for number, part in claims.items()]) if claims else ""


def _dollars(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount else ""


def _said(form: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if value}
