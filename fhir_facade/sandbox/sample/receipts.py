"""The sample practice's receipts of card payments, voids and an authorization."""

from __future__ import annotations

from fhir_facade.sandbox.athenahealth.practice import Practice
from fhir_facade.sandbox.calendar import Calendar

MASTERCARD = {"brand": "MC", "brand_name": "MasterCard", "last4": "4444"}


def add_receipts(practice: Practice, calendar: Calendar) -> None:
    """3800, 3801 and 3810 are payments of claims; the rest is found on no claim."""
    anna, ines = "1001", "1008"
    practice.add_receipt(anna, "3800", "5", requested=calendar.moment(-20))
    practice.add_receipt(anna, "3801", "40", requested=calendar.moment(-170), **MASTERCARD)
    practice.add_receipt(anna, "3802", "9.01", requested=calendar.moment(-120, 14, 10), department="62")
    practice.add_receipt(anna, "3803", "9.01", requested=calendar.moment(-120, 14, 11), department="62", type="VOID")
    practice.add_receipt(anna, "3804", "20", requested=calendar.moment(-110), type="VOIDPURCHASE")
    practice.add_receipt(
        anna, "3805", "0", requested=calendar.moment(-100), type="AUTHORIZATION",
        contract_balance="1500", contract_maximum="1500",
    )  # fmt: skip
    practice.add_receipt(ines, "3806", ".16", requested=calendar.moment(-12), department="21")
    practice.add_receipt("1012", "3810", "62.5", requested=calendar.moment(-40), department="142", **MASTERCARD)
