"""The part of a record that an assigning authority may show: by ``select``, and by its switches."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from fhir_facade.audit.entry import Access
from fhir_facade.payments.shown import Notice
from fhir_facade.records import Bill, BillState, Payment, Person, Place, Practitioner, Record
from fhir_facade.settings.model import AssigningAuthority

# Of the billing system as a whole, unless the source says which part they belong to; the last is the authority's own.
_SHARED = (Person, Place, Practitioner, Access)


def cut(record: Record, authority: AssigningAuthority) -> Record | None:
    """The record as the authority may show it, or None."""
    if isinstance(record, Notice):
        return _notice(record, authority)
    if isinstance(record, Payment):
        return _payment(record, authority)
    if not _selected(record.parts, authority, lenient=isinstance(record, _SHARED)):
        return None
    if isinstance(record, Bill):
        return _bill(record, authority)
    return record


def _selected(parts: Mapping[str, str], authority: AssigningAuthority, *, lenient: bool = False) -> bool:
    return all(parts.get(key) in values or (lenient and key not in parts) for key, values in authority.select.items())


def _bill(bill: Bill, authority: AssigningAuthority) -> Bill | None:
    if bill.state is BillState.PENDING and not authority.bills.pending:
        return None
    if bill.account is not None and not _selected(bill.account.parts, authority):
        return msgspec.structs.replace(bill, account=None)
    return bill


def _notice(notice: Notice, authority: AssigningAuthority) -> Notice | None:
    payment = notice.payment
    shown = authority.prepay if payment.visit else authority.bills.view
    return notice if shown and payment.patient.authority == authority.id else None


def _payment(payment: Payment, authority: AssigningAuthority) -> Payment | None:
    if not (authority.prepay if payment.visit else authority.bills.view):
        return None
    if payment.account is not None and not _selected(payment.account.parts, authority):
        payment = msgspec.structs.replace(payment, account=None)
    if not authority.select:
        return payment
    shares = tuple(share for share in payment.shares if _selected(share.parts, authority))
    if shares:
        return msgspec.structs.replace(payment, shares=shares, amount=sum((s.amount for s in shares), Decimal(0)))
    return payment if not payment.shares and _selected(payment.parts, authority) else None
