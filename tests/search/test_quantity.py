"""Amounts: exact numbers, implied ranges, currencies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from fhir_facade.errors import Invalid
from fhir_facade.search.query import Criterion
from tests.search.conftest import Judge, Resource

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
ISO = "urn:iso:std:iso:4217"


def bill(amount: str, currency: str = "USD") -> Resource:
    return {"totalNet": {"value": Decimal(amount), "currency": currency}}


@pytest.mark.parametrize(
    ("asked", "amount", "finding"),
    [
        ("100", "100", "eq ge le ap"),
        ("100", "100.00", "eq ge le ap"),
        ("100", "99.5", "eq lt le eb ap"),
        ("100", "99.49", "ne lt le eb ap"),
        ("100", "100.49", "eq gt ge sa ap"),
        ("100", "100.5", "ne gt ge sa ap"),
        ("100.00", "100.004", "eq gt ge sa ap"),
        ("100.00", "100.005", "ne gt ge sa ap"),
        ("100.00", "99.995", "eq lt le eb ap"),
        ("1e2", "95", "eq lt le eb ap"),
        ("1e2", "104.99", "eq gt ge sa ap"),
        ("1e2", "105", "ne gt ge sa ap"),
        ("1.00e2", "100.49", "eq gt ge sa ap"),
        ("1.00e2", "100.5", "ne gt ge sa ap"),
        ("5.40e-3", "0.005404", "eq gt ge sa ap"),
        ("5.40e-3", "0.005405", "ne gt ge sa ap"),
        ("0", "0.49", "eq gt ge sa ap"),
        ("0", "0.5", "ne gt ge sa"),
        ("-978.7", "-978.7", "eq ge le ap"),
        ("-100", "-100.5", "eq lt le eb ap"),
        ("-100", "-99.5", "ne gt ge sa ap"),
        ("100", "110", "ne gt ge sa ap"),
        ("100", "110.01", "ne gt ge sa"),
        ("100", "90", "ne lt le eb ap"),
        ("100", "89.99", "ne lt le eb"),
        ("0.16", "0.16", "eq ge le ap"),
        ("1000000000000000000000000000000", "1100000000000000000000000000000", "ne gt ge sa ap"),
        ("1000000000000000000000000000000", "1100000000000000000000000000001", "ne gt ge sa"),
        ("100000000000000.01", "100000000000000.02", "ne gt ge sa ap"),
        ("9007199254740993", "9007199254740992", "ne lt le eb ap"),
    ],
)
def test_prefixes_on_an_amount(asked: str, amount: str, finding: str, matches: Judge) -> None:
    found = [prefix for prefix in PREFIXES if matches("Invoice", f"totalnet={prefix}{asked}", bill(amount))]

    assert sorted(found) == sorted(finding.split())


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (f"120.50|{ISO}|USD", True),
        ("120.50||USD", True),
        ("120.50", True),
        ("120.50||", True),
        ("gt100||USD", True),
        ("ne7||USD", True),
        (f"7,120.50|{ISO}|USD", True),
        (f"120.50|{ISO}|EUR", False),
        ("120.50||EUR", False),
        ("120.50||usd", False),
        ("120.50|http://unitsofmeasure.org|USD", False),
        ("ne7||EUR", False),
        ("120.50|urn:x|", None),
    ],
)
def test_a_currency_may_be_asked_for(value: str, found: bool | None, matches: Judge) -> None:
    if found is None:
        with pytest.raises(Invalid, match="a system needs a code"):
            matches("Invoice", f"totalnet={value}", bill("120.50"))
    else:
        assert matches("Invoice", f"totalnet={value}", bill("120.50")) is found


@pytest.mark.parametrize(
    "value",
    ["abc", "gt", "100|USD", "100|", "100|a|b|c", "1,000.00|x", ".5", "5.", "01", "+5", "1e", "1e999", "NaN",
     "Infinity", "١٠", "$100", "1_000", "100 USD", "0x10", "gtgt5", "|urn|USD", "1e-100", "9" * 40, r"1\0"],
)  # fmt: skip
def test_a_malformed_amount_is_refused(value: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Invoice", f"totalnet={value}")

    assert (refusal.value.code, refusal.value.expression) == ("value", "totalnet")
    assert value not in refusal.value.diagnostics


@pytest.mark.parametrize("modifier", ["exact", "not", "contains"])
def test_an_amount_has_no_modifier_but_missing(modifier: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("Invoice", f"totalgross:{modifier}=1")

    assert refusal.value.code == "not-supported"


@pytest.mark.parametrize("body", [{}, {"totalNet": {"currency": "USD"}}])
def test_no_amount_is_missing(body: Resource, matches: Judge) -> None:
    assert matches("Invoice", "totalnet:missing=true", body)
    assert not matches("Invoice", "totalnet=ne5", body)


def test_an_amount_without_currency_is_found_by_its_number_alone(matches: Judge) -> None:
    body = {"totalNet": {"value": 5}}

    assert matches("Invoice", "totalnet=5", body)
    assert not matches("Invoice", "totalnet=5||USD", body)


@pytest.mark.parametrize("number", [Decimal("0.10"), 0.1])
def test_an_index_value_is_a_decimal(number: Decimal | float, criterion: Callable[[str, str], Criterion]) -> None:
    ((amount, *_),) = criterion("Invoice", "totalnet=1").parameter.index({"totalNet": {"value": number}})

    assert isinstance(amount, Decimal)
    assert amount == Decimal("0.1")
