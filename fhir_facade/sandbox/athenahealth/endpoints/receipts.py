"""``GET /patients/{id}/receipts``: electronic payments only, a bare array, not paged (reference 8.9)."""

from __future__ import annotations

from typing import Any

from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.endpoints.patients import find_unrestricted
from fhir_facade.sandbox.athenahealth.forms import eastern, money_text, optional_money_text, present
from fhir_facade.sandbox.athenahealth.receipts import Receipt


def of_patient(ask: Ask) -> list[dict[str, Any]]:
    """``departmentid`` is required; whether it filters is the practice's switch, as it is not documented."""
    ask.require("departmentid")
    known = find_unrestricted(ask, ask.number)
    department = ask.text("departmentid")
    everywhere = not ask.practice.receipts_by_department
    return [_receipt(ask, receipt) for receipt in known.receipts if everywhere or receipt.department == department]


def _receipt(ask: Ask, receipt: Receipt) -> dict[str, Any]:
    """No claim, no appointment, no currency, no status."""
    return present(
        epaymentid=ask.forms.quoted(receipt.number),
        type=receipt.type,
        amount=money_text(receipt.amount),
        requestdate=eastern(receipt.requested),
        cardnumberlast4digits=receipt.last4,
        cardtypeabbreviation=receipt.brand,
        cardtypename=receipt.brand_name,
        contractid=ask.forms.quoted(receipt.contract),
        epaymentcontractbalance=optional_money_text(receipt.contract_balance),
        epaymentcontractmaxamount=optional_money_text(receipt.contract_maximum),
    )
