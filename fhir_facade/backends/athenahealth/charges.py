"""A claim's lines: ``chargeleveldetail`` joined with the procedures of ``/claims`` by charge id (reference 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from fhir_facade.backends.athenahealth.persons import Row
from fhir_facade.backends.athenahealth.scalars import day, money, numbers, text
from fhir_facade.records import Charge

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
_HCPCS_CODE = re.compile(r"[A-Z]\d{4}")
_NOTHING: Row = {}


def charges(balance: Row, claim: Row | None) -> tuple[Charge, ...]:
    """The lines with an amount; a claim without ``chargeleveldetail`` has those of ``/claims``."""
    procedures = {text(row.get("transactionid")): row for row in (claim or _NOTHING).get("procedures") or ()}
    details = balance.get("chargeleveldetail") or ()
    lines = (
        [_of_detail(row, procedures.get(text(row["id"]), _NOTHING)) for row in details]
        if details
        else [_of_procedure(row) for row in procedures.values()]
    )
    return tuple(line for line in lines if line is not None)


def _of_detail(row: Row, procedure: Row) -> Charge | None:
    amount = row.get("amount")
    submitted, _, modifiers = text(row.get("procedurecodesubmitted")).partition(",")
    return _charge(
        money(procedure.get("chargeamount") if amount is None else amount),
        text(row.get("procedurecode")) or submitted.strip() or text(procedure.get("procedurecode")),
        numbers(modifiers) or numbers(row.get("procedurecodeothermodifier")),
        text(row.get("description")) or text(procedure.get("proceduredescription")),
        row,
    )


def _of_procedure(row: Row) -> Charge | None:
    return _charge(
        money(row.get("chargeamount")), text(row.get("procedurecode")), (), text(row.get("proceduredescription")), row
    )


def _charge(
    amount: Decimal | None, code: str, modifiers: tuple[str, ...], description: str, row: Mapping[str, object]
) -> Charge | None:
    """A line; None where the source states no amount, for it cannot be shown as one."""
    if amount is None:
        return None
    return Charge(
        amount=amount,
        code=code,
        code_system=_system(code),
        modifiers=modifiers,
        description=description,
        date=day(row.get("servicedate")),
    )


@lru_cache(maxsize=4096)
def _system(code: str) -> str:
    return HCPCS if _HCPCS_CODE.fullmatch(code) else CPT
