"""What PaymentNotices have in common, whoever knows of the payment: codes, and how the means of payment is shown."""

from __future__ import annotations

from fhir_facade.mappers.elements import CANONICAL, EXTENSION, Body, concept, text

PATIENT = f"{EXTENSION}payment-notice-patient"
PAYMENT_DETAIL = concept("http://terminology.hl7.org/CodeSystem/payment-type", "payment", "Payment")

_HL7 = "http://terminology.hl7.org/CodeSystem/paymentstatus"
_OURS = f"{CANONICAL}/CodeSystem/payment-status"
PAID = concept(_HL7, "paid", "Paid")
CLEARED = concept(_HL7, "cleared", "Cleared")
AUTHORIZED = concept(_OURS, "authorized", "Authorized")
VOIDED = concept(_OURS, "voided", "Voided")
REFUNDED = concept(_OURS, "refunded", "Refunded")
DISPUTED = concept(_OURS, "disputed", "Disputed")
RETURNED = concept(_OURS, "returned", "Returned")


def instrument(method: str, last4: str) -> Body:
    """The reference to the contained reconciliation, shown as "Visa ending in 1234"."""
    method, last4 = text(method), text(last4)
    display = " ".join(part for part in (method, last4 and f"ending in {last4}") if part)
    return {"reference": "#reconciliation", "display": display} if display else {"reference": "#reconciliation"}
