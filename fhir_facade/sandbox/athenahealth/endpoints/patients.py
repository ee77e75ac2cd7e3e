"""``GET /patients/{id}``: demographics, a balance for each provider group, the claims behind it (reference 8.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fhir_facade.sandbox.athenahealth.answers import NO_SUCH_ID, Refusal, not_expected
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.bills import Amount, Charge, Claim, Transaction
from fhir_facade.sandbox.athenahealth.forms import day, integer, money, optional_money_text, present
from fhir_facade.sandbox.athenahealth.patients import Balance, Patient
from fhir_facade.sandbox.athenahealth.practice import Practice


def patient(ask: Ask) -> list[dict[str, Any]]:
    """A one-element array.  ``claimbalancedetails`` comes only with ``showbalancedetails``."""
    known = find(ask, ask.number)
    if known.hidden(ask.text("confidentialitycode")) and not ask.flag("ignorerestrictions"):
        raise Refusal(NO_SUCH_ID)  # inferred: no source says how a restricted patient is refused
    body = _demographics(ask, known)
    body["balances"] = [_balance(ask, known, group, row) for row, group in enumerate(ask.practice.groups)]
    if ask.flag("showbalancedetails"):
        body["claimbalancedetails"] = _details(ask, known)
    return [body | known.extra]


def find(ask: Ask, number: str) -> Patient:
    """The patient who answers to a number; 404 where there is none (inferred: its body is not documented)."""
    if not number.isdigit():
        raise Refusal(not_expected("integer", number))
    known = ask.practice.find(number, ask.text("departmentid"))
    if known is None:
        raise Refusal(NO_SUCH_ID)
    return known


def find_unrestricted(ask: Ask, number: str) -> Patient:
    """``find``, and 404 for restricted patients where the practice restricts every endpoint."""
    known = find(ask, number)
    if ask.practice.restrict_everywhere and known.hidden("N"):
        raise Refusal(NO_SUCH_ID)
    return known


def group_of(practice: Practice, claim: Claim) -> str:
    """The provider group that a claim belongs to."""
    return claim.provider_group or practice.group_of(claim.department)


def _demographics(ask: Ask, known: Patient) -> dict[str, Any]:
    local = known.local.get(ask.practice.group_of(ask.text("departmentid") or known.department))
    previous = known.previous if ask.flag("showpreviouspatientids") and known.previous else None
    return present(
        patientid=ask.forms.quoted(known.number),
        localpatientid=ask.forms.quoted(local) if ask.flag("showlocalpatientid") else None,
        firstname=known.first,
        lastname=known.last,
        dob=day(known.dob),
        sex=known.sex,
        status=known.status,
        departmentid=ask.forms.quoted(known.department),
        primarydepartmentid=ask.forms.quoted(known.department),
        primaryproviderid=ask.forms.quoted(known.provider),
        email=known.email,
        mobilephone=known.phone,
        address1=known.address,
        city=known.city,
        state=known.state,
        zip=known.zip,
        deceaseddate=day(known.deceased),
        guarantorfirstname=known.first,
        guarantorlastname=known.last,
        guarantorrelationshiptopatient="1",
        onlinestatementonly=True,
        previouspatientids=previous and [ask.forms.quoted(number) for number in previous],  # shape: 3P
    )


def _balance(ask: Ask, known: Patient, group: str, row: int) -> dict[str, Any]:
    """The first row has bare scalars and the next ones quoted: both were recorded."""
    forms, practice = ask.forms, ask.practice
    claims = (claim.owed for claim in known.claims if group_of(practice, claim) == group)
    balance = known.balances.get(group) or Balance(sum(claims, start=money(0) or 0))
    return present(
        providergroupid=forms.quoted(group) if row else integer(group),
        departmentlist=_departments(practice, group),
        balance=forms.text_or_zero(_standing(known, group, balance)),
        cleanbalance=forms.quoted_flag(balance.clean) if row else balance.clean,
        collectionsbalance=optional_money_text(balance.collections),
        paymentplanbalance=optional_money_text(balance.payment_plan),
    )


def _standing(known: Patient, group: str, balance: Balance) -> Amount:
    unapplied = known.unapplied.get(group)
    return Decimal(balance.amount) - unapplied if unapplied else balance.amount


def _departments(practice: Practice, group: str) -> str:
    return ",".join(number for number, department in practice.departments.items() if department.group == group)


def _details(ask: Ask, known: Patient) -> list[dict[str, Any]]:
    """Claims with an open patient balance; all of them with ``showallclaims``.  A group without claims has no entry."""
    shown = [claim for claim in known.claims if claim.in_balances and (claim.owed or ask.flag("showallclaims"))]
    groups: dict[str, list[Claim]] = {}
    for claim in shown:
        groups.setdefault(group_of(ask.practice, claim), []).append(claim)
    return [
        {
            "providergroupid": integer(group),
            "departmentids": _departments(ask.practice, group),
            "claimdetails": [_claim(claim) for claim in claims],
        }
        for group, claims in groups.items()
    ]


def _claim(claim: Claim) -> dict[str, Any]:
    return present(
        claimid=integer(claim.number),
        departmentid=integer(claim.department),
        servicedate=day(claim.service_date),
        supervisingproviderid=integer(claim.provider),
        amount=money(claim.amount),
        patientbalance=money(claim.patient_balance),
        cleanbalance=claim.clean,
        chargeleveldetail=[_charge(charge) for charge in claim.charges],
    )


def _charge(charge: Charge) -> dict[str, Any]:
    modifiers = ",".join(charge.modifiers) or None
    return present(
        id=integer(charge.number),
        procedurecode=charge.code,
        procedurecodesubmitted=",".join((charge.code, *charge.modifiers)),
        procedurecodeothermodifier=modifiers,
        description=charge.description,
        servicedate=day(charge.date),
        amount=money(charge.amount),
        transactions=[_transaction(transaction) for transaction in charge.transactions] or None,
    )


def _transaction(transaction: Transaction) -> dict[str, Any]:
    return present(
        id=integer(transaction.number),
        date=day(transaction.date),
        type=transaction.type,
        transfertype=transaction.transfer,
        description=transaction.description,
        epaymentid=integer(transaction.epayment),
        amount=money(transaction.amount),
    )
