"""Reference 8.9: receipts."""

from __future__ import annotations

import datetime as dt

import pytest

from fhir_facade.sandbox.athenahealth import Practice
from tests.sandbox.conftest import Api

SUMMER = dt.datetime(2025, 7, 9, 15, 40, 34, tzinfo=dt.UTC)
WINTER = dt.datetime(2026, 1, 9, 15, 40, 34, tzinfo=dt.UTC)


def test_receipts_require_a_department(api: Api) -> None:
    answer = api.get("/patients/1001/receipts")
    assert answer.status_code == 400
    assert answer.json() == {"missingfields": ["departmentid"], "error": "Additional fields are required."}


def test_receipts_are_a_bare_array_of_strings_in_eastern_time(api: Api, practice: Practice) -> None:
    practice.add_receipt(1001, 5159, "20", requested=SUMMER)
    practice.add_receipt(1001, 5160, "0.16", requested=WINTER, type="VOID")
    first, second = api.json("/patients/1001/receipts", departmentid="1")
    assert first == {
        "epaymentid": "5159", "type": "PURCHASE", "amount": "20", "requestdate": "07/09/2025 11:40:34",
        "cardnumberlast4digits": "1111", "cardtypeabbreviation": "VI", "cardtypename": "Visa",
    }  # fmt: skip
    assert (second["amount"], second["type"], second["requestdate"]) == (".16", "VOID", "01/09/2026 10:40:34")


def test_an_authorization_tells_of_its_contract(api: Api, practice: Practice) -> None:
    practice.add_receipt(
        1001, 5170, 0, requested=SUMMER, type="AUTHORIZATION", contract_balance="1500", contract_maximum="1500"
    )
    (row,) = api.json("/patients/1001/receipts", departmentid="1")
    assert (row["amount"], row["epaymentcontractbalance"], row["epaymentcontractmaxamount"]) == ("0", "1500", "1500")


@pytest.mark.parametrize(("filters", "found"), [(False, ["1", "2"]), (True, ["2"])])
def test_whether_the_department_filters_is_a_switch(
    api: Api, practice: Practice, filters: bool, found: list[str]
) -> None:
    practice.receipts_by_department = filters
    practice.add_receipt(1001, 1, 5, requested=SUMMER, department="1")
    practice.add_receipt(1001, 2, 5, requested=SUMMER, department="21")
    assert [row["epaymentid"] for row in api.json("/patients/1001/receipts", departmentid="21")] == found
