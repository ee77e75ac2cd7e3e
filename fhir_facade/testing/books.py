"""How a patient's money stands at a billing system, and what one payment changed about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fhir_facade.backends.port import BillingSystem
from fhir_facade.backends.posting import Posting
from fhir_facade.keys import SourceKey
from fhir_facade.records import Payment, PaymentState
from fhir_facade.testing.asking import OF_A_PATIENT, ask, by_mark, mark

ZERO = Decimal(0)
Amounts = Mapping[str, Decimal]


@dataclass(frozen=True)
class Books:
    """Amounts by the records' numbers; ``payments`` by what makes each unique."""

    due: Amounts
    copay: Amounts
    payments: Mapping[str, Payment]

    def received(self) -> Decimal:
        """All money of the patient that counts."""
        return sum((it.amount for it in self.payments.values() if it.state is PaymentState.POSTED), ZERO)


def books(backend: BillingSystem, patient: SourceKey) -> Books:
    """How it stands now."""
    return Books(
        due={bill.number: bill.due or ZERO for bill in backend.bills(patient)},
        copay={visit.number: visit.copay or ZERO for visit in backend.visits(patient)},
        payments={mark(payment): payment for payment in backend.payments(patient)},
    )


def fell(before: Amounts, after: Amounts) -> Amounts:
    """By how much each amount has fallen, where it has changed."""
    numbers = before.keys() | after.keys()
    change = {number: before.get(number, ZERO) - after.get(number, ZERO) for number in numbers}
    return {number: amount for number, amount in change.items() if amount}


def new_payment(before: Books, after: Books) -> Payment:
    """The one payment that came."""
    assert before.payments.keys() <= after.payments.keys()
    (number,) = after.payments.keys() - before.payments.keys()
    return after.payments[number]


def assert_booked(posting: Posting, before: Books, after: Books) -> None:
    """Bills and visit owe less by exactly their parts, and one payment has come with exactly these shares."""
    assert fell(before.due, after.due) == dict(posting.bills)
    assert fell(before.copay, after.copay) == ({posting.visit: posting.visit_amount} if posting.visit else {})
    payment = new_payment(before, after)
    assert payment.amount == posting.amount
    assert payment.visit == posting.visit
    assert {share.bill: share.amount for share in payment.shares} == dict(posting.bills)
    assert payment.currency in ("", posting.currency)
    assert payment.state is PaymentState.POSTED


def everything_of(backend: BillingSystem, patient: SourceKey) -> Mapping[str, object]:
    """All records of a patient, by kind and number."""
    return {kind.value: by_mark(ask(backend, kind, patient)) for kind in OF_A_PATIENT}
