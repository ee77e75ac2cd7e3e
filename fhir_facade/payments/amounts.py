"""What is due, and what of it somebody may pay (production-rules.md E1 and E2).  Records in, amounts out; asks nobody.

``spoken_for``: money that was taken and is not visible yet; what others are about to pay counts for accounts, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from fhir_facade.payments.payment import BillShare, Payment
from fhir_facade.payments.states import NOT_VISIBLE_YET, SESSION
from fhir_facade.records import Account, Bill, BillState, Visit, VisitState
from fhir_facade.refusals import Conflict, Unprocessable
from fhir_facade.state.ledger import Lock

FIRST_ZONE = dt.timezone(dt.timedelta(hours=14))  # where a calendar day begins first
_ZERO = Decimal(0)

_NOT_OWED: Mapping[BillState, str] = {
    BillState.PENDING: "bill-not-issued",
    BillState.CANCELLED: "bill-not-issued",
    BillState.MISTAKE: "bill-not-issued",
    BillState.SETTLED: "nothing-due",
    BillState.CREDIT: "credit-on-account",
}


class Money(msgspec.Struct, frozen=True):
    """An amount as a caller names it; ``currency`` empty: that of what is due."""

    value: Decimal
    currency: str = ""


class SpokenFor(msgspec.Struct, frozen=True):
    """A patient's payments at one authority that the billing system's own numbers do not show."""

    bills: Mapping[str, Decimal] = {}
    visits: Mapping[str, Decimal] = {}
    begun: Mapping[str, Decimal] = {}  # by bill, taken or about to be: for what a group as a whole owes


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What can be paid: ``amount`` in all, for bills in the order in which they get it, or for a visit."""

    amount: Decimal
    currency: str
    bills: tuple[BillShare, ...] = ()
    visit: str = ""

    @property
    def locks(self) -> tuple[Lock, ...]:
        """What nobody else may begin to pay meanwhile."""
        bills = tuple(Lock("bill", share.bill) for share in self.bills)
        return (*bills, Lock("visit", self.visit)) if self.visit else bills

    def paying(self, asked: Money | None) -> Due:
        """As much of it as was asked for, all of it where nothing was; ``Unprocessable`` for what cannot be paid."""
        if asked is None:
            return self
        _require(asked, self)
        return msgspec.structs.replace(self, amount=asked.value, bills=_shared(asked.value, self.bills))


def spoken_for(payments: Iterable[Payment]) -> SpokenFor:
    """What of these payments counts."""
    bills, visits, begun = dict[str, Decimal](), dict[str, Decimal](), dict[str, Decimal]()
    for payment in payments:
        taken = payment.state in NOT_VISIBLE_YET
        for share in payment.shares if taken or payment.state in SESSION else ():
            begun[share.bill] = begun.get(share.bill, _ZERO) + share.amount
            if taken:
                bills[share.bill] = bills.get(share.bill, _ZERO) + share.amount
        if taken and payment.visit:
            visits[payment.visit] = visits.get(payment.visit, _ZERO) + payment.amount
    return SpokenFor(bills, visits, begun)


def ahead(visit: Visit, now: dt.datetime) -> bool:
    """The visit has not begun; a day without a time is ahead until it begins anywhere on Earth."""
    start = visit.start
    if not isinstance(start, dt.datetime):
        start = dt.datetime.combine(start, dt.time.min, FIRST_ZONE)
    return start > now


def refusal(visit: Visit, now: dt.datetime) -> str:
    """Why a visit cannot be paid for in advance, or empty."""
    if visit.state in (VisitState.CANCELLED, VisitState.NO_SHOW):
        return "appointment-cancelled"
    if not ahead(visit, now):
        return "appointment-past"
    if visit.state is not VisitState.BOOKED or not visit.chargeable or visit.copay is None:
        return "not-prepayable"
    return "" if visit.copay > 0 else "nothing-due"


def for_visit(visit: Visit, currency: str, spoken: SpokenFor, now: dt.datetime) -> Due:
    """What is expected for a visit in advance."""
    reason = refusal(visit, now)
    if reason:
        raise Conflict(reason)
    amount = (visit.copay or _ZERO) - spoken.visits.get(visit.number, _ZERO)
    if amount <= 0:
        raise Conflict("nothing-due")
    return Due(amount=amount, currency=visit.currency or currency, visit=visit.number)


def for_bill(bill: Bill, accounts: Sequence[Account], bills: Sequence[Bill], currency: str, spoken: SpokenFor) -> Due:
    """What is due on a bill, and not more than its account owes as a whole, where that is known."""
    if bill.state is not BillState.OWED:
        raise Conflict(_NOT_OWED[bill.state])
    if not bill.collectable:
        raise Conflict("bill-not-collectable")
    amount = _open(bill, spoken)
    account = next((each for each in accounts if _is_of(each, bill)), None)
    if account is not None:
        amount = min(amount, _owed(account, bills, spoken, {bill.number}, amount))
    if amount <= 0:
        raise Conflict("nothing-due")
    shares = (BillShare(bill.number, amount),)
    return Due(amount=amount, currency=bill.currency or currency, bills=shares)


def for_account(account: Account, bills: Sequence[Bill], currency: str, spoken: SpokenFor) -> Due:
    """What is due on an account's bills that can be collected, oldest first."""
    own = [bill for bill in bills if _is_of(account, bill)]
    owed = [bill for bill in own if bill.state is BillState.OWED and _open(bill, spoken) > 0]
    payable = sorted((bill for bill in owed if bill.collectable), key=_age)
    whole = sum((_open(bill, spoken) for bill in payable), _ZERO)
    amount = min(whole, _owed(account, own, spoken, {bill.number for bill in payable}, whole))
    if owed and not payable:
        raise Conflict("bill-not-collectable")
    if amount <= 0:
        raise Conflict("nothing-due")
    shares = tuple(BillShare(bill.number, _open(bill, spoken)) for bill in payable)
    return Due(amount=amount, currency=account.currency or currency, bills=_shared(amount, shares))


def allotted(amount: Decimal, account: str, bills: Iterable[Bill]) -> tuple[BillShare, ...]:
    """An amount over an account's bills that are owed, oldest first; what none of them owes is left over."""
    owed = [each for each in bills if each.account is not None and each.account.number == account]
    owing = sorted((each for each in owed if each.state is BillState.OWED), key=_age)
    return _shared(amount, (BillShare(each.number, each.due or _ZERO) for each in owing))


def _open(bill: Bill, spoken: SpokenFor) -> Decimal:
    return (bill.due or _ZERO) - spoken.bills.get(bill.number, _ZERO)


def _owed(
    account: Account, bills: Iterable[Bill], spoken: SpokenFor, paying: Container[str], unknown: Decimal
) -> Decimal:
    """What an account owes after all that is on its way; ``unknown`` where its source states no balance.

    What others are about to pay on the bills in question is for their locks to say.
    """
    if account.balance is None:
        return unknown
    if account.balance <= 0:
        raise Conflict("credit-on-account")
    on_their_way = (
        (spoken.bills if bill.number in paying else spoken.begun).get(bill.number, _ZERO)
        for bill in bills
        if _is_of(account, bill)
    )
    return account.balance - sum(on_their_way, _ZERO)


def _is_of(account: Account, bill: Bill) -> bool:
    return bill.account is not None and bill.account.number == account.number


def _age(bill: Bill) -> tuple[str, str]:
    when = bill.service_date or bill.created
    return ("9999" if when is None else when.isoformat()[:10], bill.number)


def _shared(amount: Decimal, shares: Iterable[BillShare]) -> tuple[BillShare, ...]:
    """An amount over bills in their order, each as much as it may get."""
    found: list[BillShare] = []
    for share in shares:
        part = min(amount, share.amount)
        if part > 0:
            found.append(BillShare(share.bill, part))
        amount -= part
    return tuple(found)


def _require(asked: Money, due: Due) -> None:
    if asked.currency and asked.currency != due.currency:
        raise Unprocessable("amount-currency")
    if asked.value <= 0:
        raise Unprocessable("amount-not-positive")
    if asked.value > due.amount:
        raise Unprocessable("amount-above-due")
    if asked.value != round(asked.value, 2):
        raise Unprocessable("amount-decimals")
