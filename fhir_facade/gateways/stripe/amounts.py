"""Amounts as Stripe writes them: whole numbers of a currency's smallest unit.  https://docs.stripe.com/currencies"""

from __future__ import annotations

from decimal import Decimal

from fhir_facade.gateways.errors import AmountNotTaken

_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_WHOLE = frozenset({"ISK"})  # has two decimals for the API, and they must be zero
_AMBIGUOUS = frozenset({"UGX"})  # listed without decimals and treated with two, by one page at different times
_LARGEST = 10**12


def minor(amount: Decimal, currency: str) -> int:
    """``Decimal("85.50")`` USD is 8550.  ``AmountNotTaken`` for what does not fit exactly: nothing is rounded."""
    if currency in _AMBIGUOUS:
        raise AmountNotTaken("a currency whose unit is not certain")
    if not amount.is_finite() or not 0 < amount < _LARGEST:
        raise AmountNotTaken("an amount that is not positive, or too large")
    units = amount.scaleb(_digits(currency))
    step = _step(currency)
    if units % step:
        raise AmountNotTaken("an amount that is finer than the currency's unit")
    return int(units)


def major(units: int, currency: str) -> Decimal:
    """8550 of USD is ``Decimal("85.50")``."""
    return Decimal(units).scaleb(-_digits(currency))


def _digits(currency: str) -> int:
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def _step(currency: str) -> int:
    """The last digit of three is always 0; an amount in whole units has hundreds."""
    return 10 if currency in _THREE_DECIMALS else 100 if currency in _WHOLE else 1
