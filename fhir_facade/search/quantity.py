"""Amounts: ``[prefix]number|system|code`` over Money and Quantity.  https://hl7.org/fhir/R4/search.html#quantity

An index value is (number, system, code, unit), the number a Decimal.  A currency is a code of ISO 4217.  Without a
prefix, or with ``eq`` or ``ne``, the number asked for stands for the range that its digits imply: 100 is [99.5, 100.5).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any, NamedTuple

from fhir_facade.search.escapes import split
from fhir_facade.search.parameter import Ask, Match, ParameterType, Values, any_of

CURRENCIES = "urn:iso:std:iso:4217"

_NUMBER = re.compile(
    r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?((-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?)(?:[eE]([+-]?[0-9]{1,2}))?)"
)
_EXACT = Context(prec=400)  # wide enough for every number that _NUMBER lets in


class Range(NamedTuple):
    """What a number asked for stands for: ``low`` is included, ``high`` is not."""

    number: Decimal
    low: Decimal
    high: Decimal


COMPARISONS: dict[str, Callable[[Range, Decimal], bool]] = {
    "eq": lambda asked, found: asked.low <= found < asked.high,
    "ne": lambda asked, found: not asked.low <= found < asked.high,
    "gt": lambda asked, found: found > asked.number,
    "lt": lambda asked, found: found < asked.number,
    "ge": lambda asked, found: found >= asked.number,
    "le": lambda asked, found: found <= asked.number,
    "sa": lambda asked, found: found > asked.number,
    "eb": lambda asked, found: found < asked.number,
    "ap": lambda asked, found: asked.low <= found < asked.high or _within_a_tenth(asked.number, found),
}


def _within_a_tenth(asked: Decimal, found: Decimal) -> bool:
    return _EXACT.multiply(_EXACT.subtract(found, asked).copy_abs(), 10) <= asked.copy_abs()


def implied(number: str, mantissa: str, exponent: str) -> Range:
    """The range of half a unit of the last digit to both sides.

    A mantissa of one digit before an exponent counts as two digits, after R4's own example: 1e2 is [95, 105).
    """
    last = int(exponent or 0) - len(mantissa.partition(".")[2])
    if exponent and len(mantissa.lstrip("-")) == 1:
        last -= 1
    value, half = Decimal(number), Decimal((0, (5,), last - 1))
    return Range(value, _EXACT.subtract(value, half), _EXACT.add(value, half))


def _match(ask: Ask) -> Match:
    return Match(any_of(tuple(_test(ask, text) for text in ask.alternatives())))


def _test(ask: Ask, text: str) -> Callable[[Any], bool]:
    number, *unit = (ask.plain(part) for part in split(text, "|"))
    found = _NUMBER.fullmatch(number)
    if not found or len(unit) not in (0, 2):
        raise ask.malformed("expected a prefix or none, and number, number||code or number|system|code")
    compare, asked = COMPARISONS[found[1] or "eq"], implied(found[2], found[3], found[4] or "")
    system, code = unit or ("", "")
    if system and not code:
        raise ask.malformed("a system needs a code")
    if system:
        return lambda value: value[1] == system and value[2] == code and compare(asked, value[0])
    if code:
        return lambda value: code in value[2:] and compare(asked, value[0])
    return lambda value: compare(asked, value[0])


def _money(money: dict[str, Any]) -> Values:
    if "value" not in money:
        return ()
    currency = money.get("currency", "")
    return ((_decimal(money["value"]), CURRENCIES if currency else "", currency, currency),)


def _quantity(quantity: dict[str, Any]) -> Values:
    if "value" not in quantity:
        return ()
    unit = tuple(quantity.get(key, "") for key in ("system", "code", "unit"))
    return ((_decimal(quantity["value"]), *unit),)


def _decimal(number: Any) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(str(number))


QUANTITY = ParameterType(
    name="quantity",
    readers={"Money": _money, "Quantity": _quantity},
    match=_match,
    rank=lambda value: value[0],
    restore=Decimal,
)
