"""Sorting is total, puts what is missing last, and pages join to the whole."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_facade.errors import Invalid
from fhir_facade.search.order import Order
from fhir_facade.search.query import parse
from tests.search.conftest import BASE_URL, Resource

Items = list[Resource]


def order(type: str, keys: str) -> Order:
    return parse(type, [("_sort", keys)], base_url=BASE_URL, strict=True).order


def values_of(keys: Order) -> Callable[[Resource, str], tuple[Any, ...]]:
    parameters = {key.parameter.code: key.parameter for key in keys.keys}
    return lambda body, code: parameters[code].index(body)


def identity(body: Resource) -> str:
    return str(body["id"])


def ids(keys: Order, items: Items) -> str:
    return "".join(map(identity, keys.sort(items, values_of(keys), identity)))


BILLS: Items = [
    {"id": "d", "date": "2024-03-15", "status": "issued", "totalNet": {"value": Decimal("9.5")}},
    {"id": "b", "date": "2024-03-15T10:00:00Z", "status": "draft", "totalNet": {"value": Decimal("10")}},
    {"id": "c", "status": "issued", "totalNet": {"value": Decimal("-3")}},
    {"id": "a", "date": "2023", "status": "draft"},
    {"id": "e", "date": "2024-03-15", "status": "issued", "totalNet": {"value": Decimal("9.50")}},
]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("date", "adebc"),
        ("-date", "bdeac"),
        ("status,date", "abdec"),
        ("-status,date", "decab"),
        ("status,-date", "badec"),
        ("totalnet", "cdeba"),
        ("-totalnet", "bdeca"),
        ("_id", "abcde"),
        ("-_id", "edcba"),
        ("patient", "abcde"),
        ("-patient", "abcde"),
    ],
)
def test_the_keys_then_the_id_and_missing_last(keys: str, expected: str) -> None:
    assert ids(order("Invoice", keys), BILLS) == expected
    assert ids(order("Invoice", keys), BILLS[::-1]) == expected


def test_without_keys_the_id_orders() -> None:
    assert ids(Order(), BILLS) == "abcde"


def test_of_several_values_the_one_that_comes_first_counts() -> None:
    people: Items = [
        {"id": "x", "name": [{"family": "Adams"}, {"family": "Zimmer"}]},
        {"id": "y", "name": [{"family": "Miller"}]},
    ]

    assert ids(order("Patient", "family"), people) == "xy"
    assert ids(order("Patient", "-family"), people) == "xy"


def test_strings_are_sorted_without_case_and_accents() -> None:
    people: Items = [
        {"id": str(n), "name": [{"family": name}]} for n, name in enumerate(["Zoe", "émile", "adam", "Emil"])
    ]

    assert ids(order("Patient", "family"), people) == "2310"


@pytest.mark.parametrize(
    ("type", "keys"),
    [
        ("Invoice", "status"), ("Invoice", "type"), ("Invoice", "patient"), ("Invoice", "identifier"),
        ("Invoice", "_lastUpdated"), ("Account", "period"), ("Account", "name"), ("Patient", "address"),
        ("Patient", "-deceased"), ("Patient", "phone"), ("Location", "operational-status"), ("PaymentNotice", "covers"),
        ("Appointment", "-date"), ("Invoice", "-totalgross,_id"),
    ],
)  # fmt: skip
def test_every_type_of_parameter_sorts_and_positions_travel(
    type: str, keys: str, sample: Callable[[str], Resource]
) -> None:
    by, other = order(type, keys), {"resourceType": type, "id": "~"}
    items = by.sort([other, sample(type)], values_of(by), identity)
    carried = msgspec.msgpack.decode(msgspec.msgpack.encode(by.position(items[0], values_of(by), identity)))

    assert [item["id"] for item in items] == [sample(type)["id"], "~"]
    assert by.after(items, carried, values_of(by), identity) == 1
    assert by.before(items, carried, values_of(by), identity) == 0


def test_a_position_of_another_order_is_refused() -> None:
    by = order("Invoice", "totalnet")
    for position in (["1", "2", "3"], [], ["not a number", "a"], [{}, "a"]):
        with pytest.raises(Invalid):
            by.after(BILLS, position, values_of(by), identity)
    by = order("Invoice", "date")
    with pytest.raises(Invalid):
        by.before(BILLS, ["soon", "a"], values_of(by), identity)


bills = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "date": st.sampled_from(
                ["2024", "2024-03", "2024-03-15", "2024-03-15T10:00:00Z", "2023-12-31T23:00:00-05:00"]
            ),
            "status": st.sampled_from(["draft", "issued", "balanced"]),
            "totalNet": st.builds(
                lambda value: {"value": value, "currency": "USD"},
                st.decimals(min_value=-100, max_value=100, places=1, allow_nan=False),
            ),
        },
    ),
    max_size=30,
).map(lambda bodies: [body | {"id": f"{n:02}"} for n, body in enumerate(bodies)])
rules = st.lists(
    st.sampled_from(["date", "-date", "status", "-status", "totalnet", "-totalnet", "_id", "-_id"]), max_size=3
).map(",".join)


@settings(deadline=None)
@given(bills, rules, st.integers(1, 7))
def test_pages_by_position_join_to_the_whole_both_ways(items: Items, keys: str, size: int) -> None:
    by = order("Invoice", keys)
    values, whole = values_of(by), order("Invoice", keys).sort(items, values_of(by), identity)
    forward, backward = whole[:size], whole[-size:]
    while (
        rest := whole[by.after(whole, by.position(forward[-1], values, identity), values, identity) :]
        if forward
        else []
    ):
        forward = forward + rest[:size]
    while start := by.before(whole, by.position(backward[0], values, identity), values, identity) if backward else 0:
        backward = whole[max(0, start - size) : start] + backward

    assert sorted(map(identity, whole)) == sorted(map(identity, items))
    assert forward == whole
    assert backward == whole


@settings(deadline=None)
@given(bills.filter(bool), rules, st.data())
def test_a_position_stands_where_its_item_stood_even_when_it_is_gone(
    items: Items, keys: str, data: st.DataObject
) -> None:
    by = order("Invoice", keys)
    values, whole = values_of(by), by.sort(items, values_of(by), identity)
    gone = data.draw(st.integers(0, len(whole) - 1))
    position, left = by.position(whole[gone], values, identity), whole[:gone] + whole[gone + 1 :]

    assert by.after(left, position, values, identity) == gone
    assert by.before(left, position, values, identity) == gone
    assert by.after(whole, position, values, identity) == gone + 1
