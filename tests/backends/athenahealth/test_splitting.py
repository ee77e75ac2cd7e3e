"""Claims get what they owe, the rest goes unapplied, and nothing is lost or made (production rule E3)."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fhir_facade.backends.athenahealth.letters import external_reference, letter
from fhir_facade.backends.athenahealth.splitting import split
from fhir_facade.backends.athenahealth.standing import Claim, Copay, Standing, standing
from fhir_facade.backends.athenahealth.ways import Way
from tests.backends.athenahealth.telling import posting

WAY = Way("recordpayment", "1", "MC/VISA")
cents = st.integers(1, 10_000_000).map(lambda n: Decimal(n) / 100)
balances = st.one_of(st.none(), st.integers(-10_000_000, 10_000_000).map(lambda n: Decimal(n) / 100))
numbers = st.integers(1, 10**12).map(str)
bills = st.dictionaries(numbers, cents, min_size=1, max_size=6)


@given(bills, st.data())
def test_what_is_told_sums_to_what_was_paid(paid: dict[str, Decimal], data: st.DataObject) -> None:
    owed = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(paid, balances)))
    before = Standing(WAY, "1001", {number: Claim(balance, ()) for number, balance in owed.items()})
    payment = posting({number: str(amount) for number, amount in paid.items()}, other="1.05")
    shares = split(payment, before)
    assert sum(shares.claims.values(), shares.copay + shares.other) == payment.amount
    for number, share in shares.claims.items():
        balance = owed[number]
        assert 0 < share <= paid[number]
        assert balance is None or share == min(paid[number], balance)
    assert (shares.flags == ("overpaid",)) == (shares.other > payment.other)


@given(bills, st.data())
def test_the_form_says_the_same_to_the_cent(paid: dict[str, Decimal], data: st.DataObject) -> None:
    owed = data.draw(st.fixed_dictionaries(dict.fromkeys(paid, balances)))
    before = Standing(WAY, "1001", {number: Claim(balance, ()) for number, balance in owed.items()})
    payment = posting({number: str(amount) for number, amount in paid.items()}, visit="985001", copay="20.10")
    form = letter(payment, standing(json.loads(json.dumps(before.plain())))).form
    rows = json.loads(form.get("claimpayment", "[]"))
    assert all(len(row) == 1 for row in rows)
    told = [Decimal(amount) for row in rows for amount in row.values()]
    told += [Decimal(form[name]) for name in ("copayamount", "otheramount") if name in form]
    assert sum(told) == payment.amount
    assert all(amount.as_tuple().exponent == -2 for amount in told)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_payments_name_for_a_vendor_fits_and_is_its_own(one: str, other: str) -> None:
    assert len(external_reference(one)) <= 32
    assert external_reference(one).isalnum()
    assert (external_reference(one) == external_reference(other)) == (one == other)


def test_more_than_an_appointment_expects_stays_with_it_and_is_flagged() -> None:
    for owed, flags in (("20", ()), ("15", ("overpaid",)), ("0", ("overpaid",)), (None, ())):
        copay = Copay(None if owed is None else Decimal(owed), None, None)
        shares = split(posting(visit="985001", copay="20"), Standing(WAY, "1001", copay=copay))
        assert (shares.copay, shares.other, shares.flags) == (Decimal(20), Decimal(0), flags)
