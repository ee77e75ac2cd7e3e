"""Receipts and the payments listed on claims become payments: one for each ``epaymentid`` (production rule B5).

Receipts know the card and the whole amount, transactions know the claims; cash and checks are only in transactions.
``AUTHORIZATION`` rows are no payments; ``VOID`` and ``VOIDPURCHASE`` are voided ones.  No total comes from receipts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from fhir_facade.backends.athenahealth import times
from fhir_facade.backends.athenahealth.accounts import links
from fhir_facade.backends.athenahealth.claims import claim_balances, state_by_balance
from fhir_facade.backends.athenahealth.directory import Names
from fhir_facade.backends.athenahealth.grounds import RECEIPT, TRANSACTION, Table, what_made
from fhir_facade.backends.athenahealth.persons import Chart, Row
from fhir_facade.backends.athenahealth.scalars import money, text
from fhir_facade.backends.athenahealth.transactions import PatientPayment, patient_payments
from fhir_facade.backends.port import Ground
from fhir_facade.errors import UnexpectedShape
from fhir_facade.records import AccountLink, Payment, PaymentState, Share

_STATES = {
    "PURCHASE": PaymentState.POSTED,
    "VOID": PaymentState.VOIDED,
    "VOIDPURCHASE": PaymentState.VOIDED,
}
_NO_PAYMENTS = frozenset({"AUTHORIZATION"})

GROUNDS: Table = (
    ("state", RECEIPT, "type"),
    ("state", TRANSACTION, "amount"),
    ("amount", RECEIPT, "amount"),
    ("amount", TRANSACTION, "type"),
    ("amount", TRANSACTION, "epaymentid"),
    ("amount", TRANSACTION, "amount"),
    ("taken", RECEIPT, "requestdate"),
    ("taken", TRANSACTION, "date"),
)


@dataclass(frozen=True)
class _Practice:
    chart: Chart
    names: Names
    accounts: Mapping[str, AccountLink]


def payments(
    chart: Chart, receipts: Sequence[Row], names: Names, surprised: Callable[[str, str], None]
) -> tuple[Payment, ...]:
    """All of the patient's payments.  A receipt without a claim has no ``parts``: nobody knows whose bills it paid."""
    practice = _Practice(chart, names, links(chart))
    by_receipt, others = _listed(chart)
    found = [
        payment
        for receipt in _usable(receipts, surprised)
        for payment in [_of_receipt(receipt, by_receipt.pop(text(receipt["epaymentid"]), []), practice)]
    ]
    for listed in (*by_receipt.values(), *([payment] for payment in others)):
        if all(payment.amount <= 0 for payment in listed):
            surprised(listed[0].path, "the payment that this takes back")
        else:
            found.append(_of_claims(listed, practice))
    return tuple(found)


def grounds(own: str, chart: Chart, receipts: Sequence[Row], names: Names) -> Iterator[Ground]:
    """What made the payment with the key ``own`` what it is: its receipt, its transactions, or both."""
    by_receipt, others = _listed(chart)
    rows = [row for row in _usable(receipts, _untold) if own == f"e{text(row['epaymentid'])}"]
    listed = [payment.row for payment in chain(*by_receipt.values(), others) if own == payment.key]
    if rows or listed:
        yield from what_made(GROUNDS, {RECEIPT: rows, TRANSACTION: listed})


def union(receipts: Iterable[Sequence[Row]]) -> list[Row]:
    """Several departments' receipts, each once."""
    return list({text(row["epaymentid"]): row for rows in receipts for row in rows}.values())


def _listed(chart: Chart) -> tuple[dict[str, list[PatientPayment]], list[PatientPayment]]:
    by_receipt: dict[str, list[PatientPayment]] = {}
    others: list[PatientPayment] = []
    for claim in claim_balances(chart):
        try:
            for payment in patient_payments(claim):
                (by_receipt.setdefault(payment.epayment, []) if payment.epayment else others).append(payment)
        except ValueError:
            raise UnexpectedShape(claim.path, "dates that exist") from None
    return by_receipt, others


def _usable(receipts: Sequence[Row], surprised: Callable[[str, str], None]) -> Iterator[Row]:
    for i, row in enumerate(receipts):
        kind = row["type"].upper()
        if kind in _STATES and money(row["amount"]):
            yield row
        elif kind not in _NO_PAYMENTS:
            surprised(f"$[{i}]", "an amount, and one of the types that are known")


def _untold(path: str, expected: str) -> None:
    """The records' own reading has told the log."""


def _of_receipt(row: Row, listed: list[PatientPayment], practice: _Practice) -> Payment:
    number, state = text(row["epaymentid"]), _STATES[row["type"].upper()]
    try:
        taken = times.eastern(row.get("requestdate"))
    except ValueError:
        raise UnexpectedShape("$[*].requestdate", "a time that exists") from None
    shares = _shares(listed, state, practice)
    return Payment(
        number=number,
        key=f"e{number}",
        parts=_common_parts(shares),
        patient=practice.chart.number,
        state=state,
        amount=abs(money(row["amount"]) or Decimal()),
        taken=taken or _first_date(listed),
        shares=shares,
        account=_account(listed, practice),
        method=text(row.get("cardtypename")) or text(row.get("cardtypeabbreviation")),
        last4=text(row.get("cardnumberlast4digits"))[-4:],
    )


def _of_claims(listed: list[PatientPayment], practice: _Practice) -> Payment:
    """A payment that only transactions know; one that was taken back in full is voided."""
    net = sum((payment.amount for payment in listed), Decimal())
    state = PaymentState.POSTED if net > 0 else PaymentState.VOIDED
    shares = _shares(listed, state, practice)
    return Payment(
        number=listed[0].epayment or listed[0].number,
        key=listed[0].key,
        parts=_common_parts(shares),
        patient=practice.chart.number,
        state=state,
        amount=net if net > 0 else sum((share.amount for share in shares), Decimal()),
        taken=_first_date(listed),
        shares=shares,
        account=_account(listed, practice),
    )


def _shares(listed: list[PatientPayment], state: PaymentState, practice: _Practice) -> tuple[Share, ...]:
    """What went to each claim, net of what was taken back; of a voided payment, what had gone there."""
    claims = {payment.claim.number: payment.claim for payment in listed}
    voided = state is PaymentState.VOIDED
    amounts = dict.fromkeys(claims, Decimal())
    for payment in listed:
        amounts[payment.claim.number] += max(payment.amount, Decimal()) if voided else payment.amount
    return tuple(
        Share(
            bill=number,
            amount=amounts[number],
            parts=practice.names.parts(claim.department, claim.group),
            state=state_by_balance(claim.row),
        )
        for number, claim in claims.items()
        if amounts[number] > 0
    )


def _common_parts(shares: tuple[Share, ...]) -> dict[str, str]:
    """The parts that all shares agree on."""
    if not shares:
        return {}
    return {key: value for key, value in shares[0].parts.items() if all(s.parts.get(key) == value for s in shares)}


def _account(listed: list[PatientPayment], practice: _Practice) -> AccountLink | None:
    """The account of the claims' one group; of unapplied money, the only account that there is."""
    groups = {payment.claim.group for payment in listed} or set(practice.accounts)
    return practice.accounts.get(groups.pop()) if len(groups) == 1 else None


def _first_date(listed: list[PatientPayment]) -> dt.date:
    dates = [payment.date for payment in listed if payment.date is not None]
    if not dates:
        raise UnexpectedShape(listed[0].path + ".date" if listed else "$[*].requestdate", "a date")
    return min(dates)
