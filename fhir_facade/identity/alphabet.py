"""Bytes written in the 64 characters of a FHIR id.  https://hl7.org/fhir/R4/datatypes.html#id"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64

# base64's own order, with "-" and "." in the places of "+" and "/"
_WRITE = bytes.maketrans(b"+/", b"-.")
_READ = bytes.maketrans(b"-.", b"+/")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)

MOST_BYTES = 48
"""What fits into the 64 characters of an id."""


def written(raw: bytes) -> str:
    """At most ``MOST_BYTES`` bytes as an id."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_WRITE).decode("ascii")


def read(text: str) -> bytes | None:
    """The bytes of an id; None for what is not an id, or is another spelling of one that ``written`` never gives."""
    if not _ID.fullmatch(text):
        return None
    try:
        raw = a2b_base64(text.encode("ascii").translate(_READ) + b"=" * (-len(text) % 4))
    except Error:
        return None
    return raw if written(raw) == text else None
