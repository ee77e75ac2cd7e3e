"""``balances[]`` of ``/patients/{id}`` become accounts: one for each provider group (reference 8.1).

A group's balance holds unapplied money and is not the sum of its claims; neither is computed from the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fhir_facade.backends.athenahealth.directory import Department
from fhir_facade.backends.athenahealth.grounds import BALANCE, Table, what_made
from fhir_facade.backends.athenahealth.persons import Chart
from fhir_facade.backends.athenahealth.scalars import money, text
from fhir_facade.backends.port import Ground
from fhir_facade.records import Account, AccountLink

GROUNDS: Table = (
    ("balance", BALANCE, "balance"),
    ("collections_balance", BALANCE, "collectionsbalance"),
    ("payment_plan_balance", BALANCE, "paymentplanbalance"),
)


def accounts(chart: Chart, departments: Mapping[str, Department]) -> tuple[Account, ...]:
    """The patient's accounts, named after their provider groups."""
    names = {each.group: each.group_name for each in departments.values()}
    return tuple(
        Account(
            number=account_number(chart, group),
            parts={"provider_group": group},
            patient=chart.number,
            name=names.get(group, ""),
            balance=money(row.get("balance")),
            collections_balance=money(row.get("collectionsbalance")),
            payment_plan_balance=money(row.get("paymentplanbalance")),
        )
        for row in chart.row.get("balances") or ()
        for group in [text(row["providergroupid"])]
    )


def grounds(own: str, chart: Chart, departments: Mapping[str, Department]) -> Iterator[Ground]:
    """What made the account ``own`` what it is."""
    for row in chart.row.get("balances") or ():
        if account_number(chart, text(row["providergroupid"])) == own:
            yield from what_made(GROUNDS, {BALANCE: [row]})


def links(chart: Chart) -> dict[str, AccountLink]:
    """The accounts that there are, by provider group, as bills and payments name them."""
    groups = [text(row["providergroupid"]) for row in chart.row.get("balances") or ()]
    return {
        group: AccountLink(number=account_number(chart, group), parts={"provider_group": group}) for group in groups
    }


def account_number(chart: Chart, group: str) -> str:
    """athenahealth has no number for it: the patient's and the provider group's."""
    return f"{chart.number}-{group}"
