"""JSON and FHIR's times as they go over the wire: a number leaves with the digits it came with.

https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/datatypes.html#decimal (precision is significant) and
``fhir.resources`` writes 12.50 as 12.5; see the style guide's facts.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_FURTHEST = dt.timedelta(hours=14)  # https://hl7.org/fhir/R4/datatypes.html#instant


class NoOffset(ValueError):
    """A time of day without an offset names no instant, and FHIR has no way to write it."""


def encode(body: Any) -> bytes:
    """Compact JSON; a ``Decimal`` becomes a number with all its digits, keys keep their order."""
    return _ENCODER.encode(body)


def decode(raw: bytes | str) -> Any:
    """Plain values; a number with a point or an exponent becomes a ``Decimal``, others stay ``int``.

    Raises ``msgspec.DecodeError`` (a ``ValueError``) for what is no JSON.
    """
    return _DECODER.decode(raw)


def pretty(raw: bytes) -> bytes:
    """The same JSON, indented by two; the text of numbers is not touched."""
    return msgspec.json.format(raw, indent=2)


def instant(value: dt.datetime) -> str:
    """A FHIR instant (also a dateTime): to the second or finer, offset kept, UTC written ``Z``.

    An offset that FHIR cannot write (seconds in it, beyond 14 hours) is turned into UTC.
    """
    offset = value.utcoffset()
    if offset is None:
        raise NoOffset("an instant needs an offset")
    if offset.seconds % 60 or abs(offset) > _FURTHEST:
        value, offset = value.astimezone(dt.UTC), dt.timedelta()
    text = value.isoformat()
    return text if offset else text[:-6] + "Z"


def date(value: dt.date) -> str:
    """A FHIR date: the calendar day, in its own zone where a datetime is given."""
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def date_time(value: dt.date) -> str:
    """A FHIR dateTime: an instant where the time is known, else the day."""
    return instant(value) if isinstance(value, dt.datetime) else value.isoformat()
