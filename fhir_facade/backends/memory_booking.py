"""Records after a payment: bills, the visit and accounts that it was for, and the payment itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from fhir_facade.backends.parts import method
from fhir_facade.backends.posting import Posting
from fhir_facade.records import Account, Bill, BillState, Payment, PaymentState, Personal, Record, Share, Visit

ZERO = Decimal(0)


def booked(posting: Posting, number: str, records: Sequence[Record]) -> list[Record]:
    """All records once the payment is booked under ``number``."""
    own = [record for record in records if isinstance(record, Personal) and record.patient == posting.patient.value]
    bills = {bill.number: bill for bill in own if isinstance(bill, Bill) and bill.number in posting.bills}
    accounts = [record for record in own if isinstance(record, Account)]
    changed: list[tuple[Record, Record]] = [
        *((bill, _paid(bill, posting.bills[bill.number])) for bill in bills.values()),
        *((record, _prepaid(record, posting)) for record in own if isinstance(record, Visit)),
        *((account, _relieved(account, _towards(account, bills, posting, accounts))) for account in accounts),
    ]
    after = {id(before): record for before, record in changed}
    return [*(after.get(id(record), record) for record in records), _payment(posting, number, bills)]


def _paid(bill: Bill, amount: Decimal) -> Bill:
    due = (bill.due or ZERO) - amount
    state = BillState.OWED if due > 0 else BillState.CREDIT if due < 0 else BillState.SETTLED
    patient_paid = (bill.patient_paid or ZERO) + amount
    return replace(bill, due=due, state=state, patient_paid=patient_paid, collectable=bill.collectable and due > 0)


def _prepaid(visit: Visit, posting: Posting) -> Visit:
    if visit.number != posting.visit:
        return visit
    copay = None if visit.copay is None else max(ZERO, visit.copay - posting.visit_amount)
    return replace(visit, copay=copay, collected=(visit.collected or ZERO) + posting.visit_amount)


def _relieved(account: Account, amount: Decimal) -> Account:
    return account if account.balance is None else replace(account, balance=account.balance - amount)


def _towards(account: Account, bills: Mapping[str, Bill], posting: Posting, accounts: Sequence[Account]) -> Decimal:
    """What of a payment is an account's: its bills' parts, and what is for no bill where there is no other account."""
    rest = posting.other if len(accounts) == 1 else ZERO
    return rest + sum((posting.bills[number] for number in _of_account(account, bills.values())), ZERO)


def _of_account(account: Account, bills: Iterable[Bill]) -> Iterator[str]:
    for bill in bills:
        if bill.account and (bill.account.number, bill.account.parts) == (account.number, account.parts):
            yield bill.number


def _payment(posting: Posting, number: str, bills: Mapping[str, Bill]) -> Payment:
    paid = [_paid(bill, posting.bills[bill.number]) for bill in bills.values()]
    return Payment(
        number=number,
        patient=posting.patient.value,
        state=PaymentState.POSTED,
        amount=posting.amount,
        taken=posting.captured,
        shares=tuple(
            Share(bill=bill.number, amount=posting.bills[bill.number], parts=bill.parts, state=bill.state)
            for bill in paid
        ),
        visit=posting.visit,
        method=method(posting),
        last4=posting.last4,
        currency=posting.currency,
    )
