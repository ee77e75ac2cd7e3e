"""Claims become bills (production rule C): what the patient owes, as stated, and nothing that is not.

``insurance_paid``, ``insurance_pending`` and ``adjusted`` are never stated by athenahealth's claims and stay None;
``patient_paid`` is what the listed patient payments come to, and None where none is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fhir_facade.backends.athenahealth.accounts import links
from fhir_facade.backends.athenahealth.charges import charges
from fhir_facade.backends.athenahealth.claims import ClaimBalance, claim_balances, state
from fhir_facade.backends.athenahealth.directory import Names
from fhir_facade.backends.athenahealth.grounds import (
    BALANCE,
    CHART,
    CLAIM,
    CLAIM_BALANCE,
    DEPARTMENT,
    GROUP,
    Table,
    what_made,
)
from fhir_facade.backends.athenahealth.persons import Chart, Row
from fhir_facade.backends.athenahealth.scalars import day, money, text, truth
from fhir_facade.backends.athenahealth.transactions import patient_paid
from fhir_facade.backends.port import Ground
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import AccountLink, Bill, BillState

_NOTHING: Row = {}

GROUNDS: Table = (
    ("state", CLAIM_BALANCE, "patientbalance"),
    ("state", CLAIM, "patientpayer.status"),
    ("state", CLAIM, "primaryinsurancepayer.status"),
    ("state", CLAIM, "primaryinsurancepayer.primarypatientinsuranceid"),
    ("state", CLAIM, "secondaryinsurancepayer.status"),
    ("state", CLAIM, "secondaryinsurancepayer.secondarypatientinsuranceid"),
    ("billed", CLAIM_BALANCE, "amount"),
    ("billed", CLAIM, "chargeamount"),
    ("due", CLAIM_BALANCE, "patientbalance"),
    ("collectable", CLAIM_BALANCE, "patientbalance"),
    ("collectable", CLAIM_BALANCE, "cleanbalance"),
    ("patient_paid", CLAIM_BALANCE, "chargeleveldetail[].transactions[].type"),
    ("patient_paid", CLAIM_BALANCE, "chargeleveldetail[].transactions[].transfertype"),
    ("patient_paid", CLAIM_BALANCE, "chargeleveldetail[].transactions[].epaymentid"),
    ("patient_paid", CLAIM_BALANCE, "chargeleveldetail[].transactions[].amount"),
    ("created", CLAIM, "claimcreateddate"),
    ("account", CHART, "patientid"),
    ("account", GROUP, "providergroupid"),
    ("account", BALANCE, "providergroupid"),
    ("account", CLAIM, "departmentid"),
    ("account", DEPARTMENT, "providergroupid"),
    ("charges[].code", CLAIM_BALANCE, "chargeleveldetail[].id"),
    ("charges[].code", CLAIM_BALANCE, "chargeleveldetail[].procedurecode"),
    ("charges[].code", CLAIM_BALANCE, "chargeleveldetail[].procedurecodesubmitted"),
    ("charges[].code", CLAIM, "procedures[].transactionid"),
    ("charges[].code", CLAIM, "procedures[].procedurecode"),
    ("charges[].amount", CLAIM_BALANCE, "chargeleveldetail[].amount"),
    ("charges[].amount", CLAIM, "procedures[].chargeamount"),
)


@dataclass(frozen=True)
class _Practice:
    chart: Chart
    names: Names
    accounts: Mapping[str, AccountLink]
    clean_is_collectable: bool


def bills(
    chart: Chart,
    claims: Mapping[str, Row],
    names: Names,
    surprised: Callable[[str, str], None],
    clean_is_collectable: bool = True,
) -> tuple[Bill, ...]:
    """All of the patient's bills.  ``claims`` are the patient's rows of ``/claims`` by number.

    A claim that only one of the two calls knows is a bill, too: without a balance it is pending.
    """
    practice = _Practice(chart, names, links(chart), clean_is_collectable)
    found: dict[str, Bill] = {}
    for balance in claim_balances(chart):
        if balance.number in found:
            surprised(balance.path, "each claim once")
        else:
            found[balance.number] = _bill(balance, claims.get(balance.number), practice)
    for number, claim in claims.items():
        if number not in found:
            found[number] = _bill(ClaimBalance(number, _NOTHING, _NOTHING, "$.claims[*]"), claim, practice)
    return tuple(found.values())


def grounds(own: str, chart: Chart, claims: Mapping[str, Row], names: Names) -> Iterator[Ground]:
    """What made the bill ``own`` what it is: the first of its rows, for the mapping passes over a second."""
    balance = next((each for each in claim_balances(chart) if each.number == own), None)
    claim = claims.get(own)
    if balance is None and claim is None:
        return
    known = balance or ClaimBalance(own, _NOTHING, _NOTHING, "")
    department = names.departments.get(known.department or text((claim or _NOTHING).get("departmentid")))
    group = known.group or (department.group if department else "")
    yield from what_made(
        GROUNDS,
        {
            CHART: [chart.row],
            GROUP: [known.group_row],
            BALANCE: [row for row in chart.row.get("balances") or () if text(row["providergroupid"]) == group],
            CLAIM_BALANCE: [known.row],
            CLAIM: [claim or _NOTHING],
            DEPARTMENT: [department.row] if department else [],
        },
    )


def _bill(balance: ClaimBalance, claim: Row | None, practice: _Practice) -> Bill:
    try:
        return _mapped(balance, claim, claim or _NOTHING, practice)
    except ValueError:
        raise UnexpectedShape(balance.path, "dates that exist") from None


def _mapped(balance: ClaimBalance, known: Row | None, claim: Row, practice: _Practice) -> Bill:
    row, names = balance.row, practice.names
    department = balance.department or text(claim.get("departmentid"))
    parts = names.parts(department, balance.group)
    due, billed = money(row.get("patientbalance")), money(row.get("amount"))
    now = state(due, known)
    return Bill(
        number=balance.number,
        parts=parts,
        patient=practice.chart.number,
        state=now,
        billed=money(claim.get("chargeamount")) if billed is None else billed,
        due=due,
        patient_paid=patient_paid(balance),
        created=day(claim.get("claimcreateddate")),
        service_date=day(row.get("servicedate")) or day(claim.get("billedservicedate")),
        collectable=now is BillState.OWED and truth(row.get("cleanbalance")) is practice.clean_is_collectable,
        charges=charges(row, known),
        account=practice.accounts.get(parts.get("provider_group", "")),
        place=names.place(department),
        practitioner=names.practitioner(text(claim.get("billedproviderid")), text(row.get("supervisingproviderid"))),
    )
