"""Receipts of electronic payments, voids and authorizations (reference 8.9)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fhir_facade.sandbox.athenahealth.bills import Amount


@dataclass
class Receipt:
    """A receipt, found by its ``epaymentid``.  ``amount`` is positive for voids, too; ``requested`` has an offset.

    ``type``: ``PURCHASE``, ``VOID`` (its own id, no pointer to the purchase), ``VOIDPURCHASE``, ``AUTHORIZATION``.
    """

    number: str
    patient: str
    amount: Amount
    requested: dt.datetime | str
    type: str = "PURCHASE"
    last4: str | None = "1111"
    brand: str | None = "VI"
    brand_name: str | None = "Visa"
    department: str = "1"
    contract: str | None = None
    contract_balance: Amount | None = None
    contract_maximum: Amount | None = None
