"""A payment of the ledger → PaymentNotice, from the first wish to pay on.  https://hl7.org/fhir/R4/paymentnotice.html

Its id never changes.  Once the billing system knows of the payment, its number joins as an identifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from fhir_facade import wire
from fhir_facade.mappers.elements import Body
from fhir_facade.mappers.payment_codes import (
    AUTHORIZED,
    CLEARED,
    DISPUTED,
    PAID,
    PATIENT,
    PAYMENT_DETAIL,
    REFUNDED,
    RETURNED,
    VOIDED,
    instrument,
)
from fhir_facade.mappers.scene import Scene
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.shown import Notice
from fhir_facade.payments.states import State
from fhir_facade.records import PaymentState

_TYPE = "PaymentNotice"
_S = State

STATUS: Mapping[State, tuple[str, Body | None]] = {
    _S.OPEN: ("draft", None),
    _S.AUTHORIZED: ("active", AUTHORIZED),
    _S.CAPTURED: ("active", PAID),
    _S.POSTING: ("active", PAID),
    _S.UNKNOWN: ("active", PAID),
    _S.ACCEPTED: ("active", PAID),
    _S.NEEDS_REVIEW: ("active", PAID),
    _S.POSTED: ("active", CLEARED),
    _S.DECLINED: ("cancelled", None),
    _S.EXPIRED: ("cancelled", None),
    _S.VOIDED: ("cancelled", VOIDED),
    _S.MISTAKE: ("entered-in-error", None),
    _S.REFUNDED: ("cancelled", REFUNDED),
    _S.DISPUTED: ("active", DISPUTED),
    _S.RETURNED: ("cancelled", RETURNED),
}
# What the billing system says of what it was told: staff void and move payments.
_SAID_SINCE: Mapping[PaymentState, tuple[str, Body | None]] = {
    PaymentState.VOIDED: ("cancelled", VOIDED),
    PaymentState.MISTAKE: ("entered-in-error", None),
}


def render(notice: Notice, scene: Scene) -> Body:
    """The PaymentNotice; a contained reconciliation once the money was taken."""
    payment, (status, payment_status) = notice.payment, _status(notice)
    body: Body = {"resourceType": _TYPE, "id": scene.id(_TYPE, notice.patient, payment.id)}
    if payment.captured is not None:
        body["contained"] = [_reconciliation(notice, status, scene)]
    body["extension"] = [{"url": PATIENT, "valueReference": scene.patient(notice.patient)}]
    body["identifier"] = _identifiers(notice, scene)
    body["status"] = status
    request = _request(notice, scene)
    if request:
        body["request"] = request
    body["created"] = wire.date_time(payment.created)
    body["payment"] = _payment(payment, scene)
    if payment.captured is not None:
        body["paymentDate"] = wire.date(payment.captured)
    body["recipient"] = scene.organization
    body["amount"] = scene.money(_amount(payment), payment.currency)
    if payment_status:
        body["paymentStatus"] = payment_status
    return body


def _status(notice: Notice) -> tuple[str, Body | None]:
    payment, known = notice.payment, notice.known
    if payment.state is State.POSTED and known is not None and known.state in _SAID_SINCE:
        return _SAID_SINCE[known.state]
    if payment.state is State.NEEDS_REVIEW and payment.captured is None:
        return STATUS[State.OPEN]
    return STATUS[payment.state]


def _amount(payment: Payment) -> Decimal:
    return payment.amount if payment.taken is None else payment.taken


def _identifiers(notice: Notice, scene: Scene) -> list[Body]:
    """Ours, those that came with it, and the billing system's."""
    given = [{"system": system, "value": value} for system, value in notice.payment.identifiers]
    external = notice.known.number if notice.known is not None else notice.payment.external
    source = scene.identifier(_TYPE, external) if external else []
    return [*scene.identifier(_TYPE, notice.payment.id), *source, *given]


def _request(notice: Notice, scene: Scene) -> Body | None:
    """What it was begun for, unless this authority does not show such."""
    target = notice.payment.target
    hidden = bool(notice.payment.visit) and not scene.authority.appointments
    return None if hidden else scene.reference(target.type, notice.patient, target.number)


def _payment(payment: Payment, scene: Scene) -> Body:
    if payment.captured is not None:
        return instrument(payment.tender.brand or payment.tender.kind, payment.tender.last4)
    identifier = {"system": scene.system("payment"), "value": payment.id}
    return {"type": "PaymentReconciliation", "identifier": identifier, "display": "not paid yet"}


def _reconciliation(notice: Notice, status: str, scene: Scene) -> Body:
    """When it was taken, and how it is shared out over bills."""
    payment = notice.payment
    taken = payment.captured or payment.created
    body: Body = {
        "resourceType": "PaymentReconciliation",
        "id": "reconciliation",
        "status": status,
        "created": wire.date_time(taken),
        "outcome": "complete",
        "paymentDate": wire.date(taken),
        "paymentAmount": scene.money(_amount(payment), payment.currency),
    }
    if payment.shares:
        body["detail"] = [
            {
                "type": PAYMENT_DETAIL,
                "request": scene.reference("Invoice", notice.patient, share.bill),
                "amount": scene.money(share.amount, payment.currency),
            }
            for share in payment.shares
        ]
    return body
