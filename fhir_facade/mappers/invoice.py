"""A bill → Invoice.  https://hl7.org/fhir/R4/invoice.html"""

from __future__ import annotations

from fhir_facade import wire
from fhir_facade.mappers.elements import CANONICAL, EXTENSION, UNKNOWN, Body, code, concept, text
from fhir_facade.mappers.scene import Scene
from fhir_facade.records import Bill, BillState, Charge, Kind

TYPE = "Invoice"
KIND = Kind.BILLS

STATUS = {
    BillState.OWED: "issued",
    BillState.CREDIT: "balanced",
    BillState.SETTLED: "balanced",
    BillState.PENDING: "draft",
    BillState.CANCELLED: "cancelled",
    BillState.MISTAKE: "entered-in-error",
}

CPT = "http://www.ama-assn.org/go/cpt"
AMOUNT_SYSTEM = f"{CANONICAL}/CodeSystem/invoice-amount"
AMOUNTS = tuple(
    (field, concept(AMOUNT_SYSTEM, value, display))
    for field, value, display in (
        ("billed", "billed", "Billed"),
        ("insurance_paid", "insurance-paid", "Paid by insurance"),
        ("insurance_pending", "insurance-pending", "Pending with insurance"),
        ("adjusted", "adjusted", "Adjusted"),
        ("patient_paid", "patient-paid", "Paid by patient"),
        ("payment_pending", "payment-pending", "Payment pending"),
        ("due", "balance-due", "Balance due"),
    )
)


def render(bill: Bill, scene: Scene) -> Body:
    """The Invoice of a bill; amounts that the source did not state are absent."""
    status = STATUS[bill.state]
    body: Body = {"resourceType": TYPE, "id": scene.id(TYPE, bill.patient, bill.number)}
    extensions = _extensions(bill, status, scene)
    if extensions:
        body["extension"] = extensions
    body["identifier"] = scene.identifier(TYPE, bill.number)
    body["status"] = status
    body["subject"] = scene.patient(bill.patient)
    date = bill.created or bill.service_date
    if date is not None:
        body["date"] = wire.date_time(date)
    if bill.practitioner:
        body["participant"] = [{"actor": scene.support("Practitioner", bill.practitioner)}]
    body["issuer"] = scene.organization
    if bill.account is not None:
        body["account"] = scene.reference("Account", bill.patient, bill.account.number)
    if bill.charges:
        body["lineItem"] = [
            {
                "sequence": sequence,
                "chargeItemCodeableConcept": _service(charge),
                "priceComponent": [{"type": "base", "amount": scene.money(charge.amount, bill.currency)}],
            }
            for sequence, charge in enumerate(bill.charges, 1)
        ]
    amounts = _amounts(bill, scene)
    if amounts:
        body["totalPriceComponent"] = amounts
    if bill.billed is not None:
        body["totalNet"] = body["totalGross"] = scene.money(bill.billed, bill.currency)
    description = text(bill.description)
    if description:
        body["note"] = [{"text": description}]
    return body


def _extensions(bill: Bill, status: str, scene: Scene) -> list[Body]:
    """What is due, by when, and whether it can be paid online now (said of issued bills only)."""
    extensions: list[Body] = []
    if bill.due is not None:
        extensions.append(
            {"url": f"{EXTENSION}invoice-balance-due", "valueMoney": scene.money(bill.due, bill.currency)}
        )
    if bill.due_date is not None:
        extensions.append({"url": f"{EXTENSION}invoice-due-date", "valueDate": wire.date(bill.due_date)})
    if status == "issued":
        collectable = bill.collectable and scene.authority.bills.pay
        extensions.append({"url": f"{EXTENSION}invoice-collectable", "valueBoolean": collectable})
    return extensions


def _amounts(bill: Bill, scene: Scene) -> list[Body]:
    amounts: list[Body] = []
    for field, meaning in AMOUNTS:
        amount = getattr(bill, field, None)  # payment_pending: only what the ledger adds to (payments/shown.py)
        if amount is not None:
            money = scene.money(amount, bill.currency)
            amounts.append({"type": "informational", "code": meaning, "amount": money})
    return amounts


def _service(charge: Charge) -> Body:
    """What was done; a charge with modifiers also as CPT's expression ``99213:25,59``.

    https://terminology.hl7.org/CPT.html
    """
    service: Body = {}
    value = code(charge.code)
    if value:
        coding = {"system": charge.code_system, "code": value} if charge.code_system else {"code": value}
        service["coding"] = [coding]
        if charge.modifiers and charge.code_system == CPT:
            modified = f"{value}:{','.join(code(modifier) for modifier in charge.modifiers)}"
            service["coding"].append({"system": CPT, "code": modified})
    description = text(charge.description)
    if description:
        service["text"] = description
    return service or UNKNOWN
