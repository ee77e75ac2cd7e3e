"""Claims in both forms: ``claimbalancedetails`` knows amounts, ``/claims`` knows payers (reference 8.1, 8.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec

from fhir_facade.backends.athenahealth.persons import Chart, Row
from fhir_facade.backends.athenahealth.scalars import money, text
from fhir_facade.records import BillState

_PAYERS = (
    ("primaryinsurancepayer", "primarypatientinsuranceid"),
    ("secondaryinsurancepayer", "secondarypatientinsuranceid"),
)


class ClaimBalance(msgspec.Struct, frozen=True):
    """A row of ``claimdetails``, the row of the provider group that it stands in, and its JSON path."""

    number: str
    group_row: Row
    row: Row
    path: str

    @property
    def group(self) -> str:
        """The provider group."""
        return text(self.group_row.get("providergroupid"))

    @property
    def department(self) -> str:
        """The service department."""
        return text(self.row.get("departmentid"))


def claim_balances(chart: Chart) -> Iterator[ClaimBalance]:
    """All rows of ``claimbalancedetails``."""
    for i, group in enumerate(chart.row.get("claimbalancedetails") or ()):
        for j, row in enumerate(group["claimdetails"]):
            yield ClaimBalance(text(row["claimid"]), group, row, f"$[0].claimbalancedetails[{i}].claimdetails[{j}]")


def own_claims(chart: Chart, rows: Sequence[Row], foreign: Callable[[str, str], None]) -> dict[str, Row]:
    """The rows of ``/claims`` that are this patient's, by claim; another patient's are told to ``foreign`` by path."""
    own: dict[str, Row] = {}
    for i, row in enumerate(rows):
        if chart.owns(row):
            own[text(row["claimid"])] = row
        else:
            foreign(f"$.claims[{i}].patientid", "the patient asked for")
    return own


def state(balance: Decimal | None, claim: Row | None) -> BillState:
    """Production rule C: a balance decides; at zero the claim is settled when nobody who exists has it open."""
    if balance:
        return BillState.OWED if balance > 0 else BillState.CREDIT
    if balance is None or claim is None or not _all_closed(claim):
        return BillState.PENDING
    return BillState.SETTLED


def state_by_balance(row: Row) -> BillState | None:
    """The state as far as the balance alone tells it."""
    balance = money(row.get("patientbalance"))
    return state(balance, None) if balance else None


def _all_closed(claim: Row) -> bool:
    return _closed(claim.get("patientpayer")) and all(
        _closed(claim.get(payer)) or _no_such_payer(claim.get(payer), number) for payer, number in _PAYERS
    )


def _closed(payer: Row | None) -> bool:
    return payer is not None and text(payer.get("status")).upper() == "CLOSED"


def _no_such_payer(payer: Row | None, number: str) -> bool:
    """Insurance id 0 (inferred from recorded claims).  A payer that is not stated at all is unknown, not absent."""
    return isinstance(payer, Mapping) and text(payer.get(number)) == "0"
