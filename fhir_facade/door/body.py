"""Bodies from the wire: so much of each, and so many at once.

Nothing ends the wait for a client that sends slowly, and each wait holds a thread.  That only so many wait keeps the
other threads free for requests without a body.
"""

from __future__ import annotations

import threading
from typing import IO

from werkzeug.exceptions import ClientDisconnected

from fhir_facade.errors import Crowded, Invalid
from fhir_facade.hall.exchange import LONGEST_FORM

AT_ONCE = 64
_CHUNK = 16_384  # bytes

_seats = threading.BoundedSemaphore(AT_ONCE)


def read(stream: IO[bytes], announced: int | None) -> bytes:
    """The body; of a long one as much as shows that it is too long.  ``announced``: how long it is said to be.

    ``Invalid`` for one that breaks off, whether the server tells so or hands on what there is.
    """
    if not _seats.acquire(blocking=False):
        raise Crowded
    try:
        body = _read(stream)
    except ClientDisconnected:
        body = b""
    finally:
        _seats.release()
    if announced is not None and len(body) < min(announced, LONGEST_FORM):
        raise Invalid("The body of the request broke off.", code="structure")
    return body


def _read(stream: IO[bytes]) -> bytes:
    body = bytearray()
    while len(body) <= LONGEST_FORM and (part := stream.read(_CHUNK)):
        body += part
    return bytes(body)
