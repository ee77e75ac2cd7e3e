"""Money from the patient → PaymentNotice with its PaymentReconciliation.  https://hl7.org/fhir/R4/paymentnotice.html"""

from __future__ import annotations

from fhir_facade import wire
from fhir_facade.mappers import ledger_notice
from fhir_facade.mappers.elements import Body
from fhir_facade.mappers.payment_codes import CLEARED, PATIENT, PAYMENT_DETAIL, VOIDED, instrument
from fhir_facade.mappers.scene import Scene
from fhir_facade.owner import own_number
from fhir_facade.payments.shown import Notice
from fhir_facade.records import BillState, Kind, Payment, PaymentState, Share

TYPE = "PaymentNotice"
KIND = Kind.PAYMENTS

STATUS: dict[PaymentState, tuple[str, Body | None]] = {
    PaymentState.POSTED: ("active", CLEARED),
    PaymentState.VOIDED: ("cancelled", VOIDED),
    PaymentState.MISTAKE: ("entered-in-error", None),
}

# An authority without ``bills.pending`` has no draft Invoices; only these states are never one.
SURELY_SHOWN = frozenset({BillState.OWED, BillState.CREDIT})


def render(payment: Payment | Notice, scene: Scene) -> Body:
    """The PaymentNotice; what the payment names and this authority does not show is left out."""
    return ledger_notice.render(payment, scene) if isinstance(payment, Notice) else _render(payment, scene)


def _render(payment: Payment, scene: Scene) -> Body:
    status, payment_status = STATUS[payment.state]
    bills = [_bill(share, payment, scene) for share in payment.shares]
    reconciliation = _reconciliation(payment, status, bills, scene)
    body: Body = {
        "resourceType": TYPE,
        "id": scene.id(TYPE, payment.patient, own_number(payment)),
        "contained": [reconciliation],
        "extension": [{"url": PATIENT, "valueReference": scene.patient(payment.patient)}],
        "identifier": scene.identifier(TYPE, payment.number),
        "status": status,
    }
    request = _request(payment, bills, scene)
    if request:
        body["request"] = request
    body |= {
        "created": reconciliation["created"],
        "payment": instrument(payment.method, payment.last4),
        "paymentDate": reconciliation["paymentDate"],
        "recipient": scene.organization,
        "amount": reconciliation["paymentAmount"],
    }
    if payment_status:
        body["paymentStatus"] = payment_status
    return body


def _reconciliation(payment: Payment, status: str, bills: list[Body | None], scene: Scene) -> Body:
    """The contained PaymentReconciliation: what was paid, when, and how it was shared out over bills."""
    body: Body = {
        "resourceType": "PaymentReconciliation",
        "id": "reconciliation",
        "status": status,
        "created": wire.date_time(payment.taken),
        "outcome": "complete",
        "paymentDate": wire.date(payment.taken),
        "paymentAmount": scene.money(payment.amount, payment.currency),
    }
    if bills:
        shared = zip(payment.shares, bills, strict=True)
        body["detail"] = [_detail(share, bill, payment.currency, scene) for share, bill in shared]
    return body


def _bill(share: Share, payment: Payment, scene: Scene) -> Body | None:
    """The Invoice that a share paid, unless it may be one that this authority does not show."""
    if not scene.authority.bills.pending and share.state not in SURELY_SHOWN:
        return None
    return scene.reference("Invoice", payment.patient, share.bill)


def _detail(share: Share, bill: Body | None, currency: str, scene: Scene) -> Body:
    detail: Body = {"type": PAYMENT_DETAIL}
    if bill:
        detail["request"] = bill
    detail["amount"] = scene.money(share.amount, currency)
    return detail


def _request(payment: Payment, bills: list[Body | None], scene: Scene) -> Body | None:
    """What was paid for: the one bill or visit; the account for several bills and for unapplied money."""
    only = bills[0] if len(bills) == 1 else None
    if only and payment.shares[0].amount == payment.amount:
        return only
    if not bills and payment.visit and scene.authority.appointments:
        return scene.reference("Appointment", payment.patient, payment.visit)
    if payment.account is not None:
        return scene.reference("Account", payment.patient, payment.account.number)
    return only
