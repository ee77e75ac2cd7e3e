"""A request and an answer as plain values: nothing behind the door knows a web framework."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from urllib.parse import parse_qsl

import msgspec

from fhir_facade.errors import Invalid, TooLong, UriTooLong
from fhir_facade.keys import PatientKey

FHIR_JSON = "application/fhir+json"
Pairs = tuple[tuple[str, str], ...]

LONGEST_FORM = 1_000_000  # bytes; a search by ten thousand ids is shorter
MOST_PARAMETERS = 1_000
LONGEST_URL = 65_536  # bytes; page links are a quarter of it at most
LONGEST_HEADERS = 65_536  # bytes, names and values of all of them; a token is a quarter of it at most


class Body:
    """A body that is waited for when it is wanted.  ``received`` is empty before that."""

    def __init__(self, sent: Callable[[], bytes] = bytes) -> None:
        self._sent = sent
        self.received = b""

    def wait(self) -> bytes:
        """The whole, once; ``Invalid`` where it breaks off, ``Crowded`` where too many are being sent."""
        self.received = self._sent()
        return self.received


class Request(msgspec.Struct, frozen=True, dict=True):
    """What was asked.  ``path`` is below the FHIR base, without slashes at its ends; ``headers`` by lower-case name,
    ``header_bytes`` long together; ``id`` goes into the log and comes back as ``X-Request-Id``; ``peer`` is the address
    that the request came from.

    ``body`` is not waited for before it is known who asks.
    """

    method: str
    path: str
    query_string: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    header_bytes: int = 0
    body: Body = msgspec.field(default_factory=Body)
    id: str = ""
    peer: str = ""

    def within_bounds(self) -> None:
        """Return, or ``TooLong`` for a request that is read no further."""
        if self.header_bytes > LONGEST_HEADERS:
            raise TooLong
        if len(self.path) + len(self.query_string) > LONGEST_URL:
            raise UriTooLong

    @cached_property
    def query(self) -> Pairs:
        """Names and values of the query; ``Invalid`` if it cannot be read."""
        return pairs(self.query_string)

    @property
    def pretty(self) -> bool:
        """True for ``_pretty=true``, also where the rest of the query cannot be read."""
        return b"_pretty=true" in self.query_string


class Answer(msgspec.Struct, frozen=True):
    """What is answered.  ``body`` is JSON; ``headers`` name its media type; ``patients`` are whom it is about."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    patients: Collection[PatientKey] = ()


def pairs(encoded: bytes) -> Pairs:
    """Names and values of a query string or a form; ``Invalid`` if it is not percent-encoded UTF-8, or too much."""
    if not encoded:
        return ()
    if len(encoded) > LONGEST_FORM or encoded.count(b"&") >= MOST_PARAMETERS:
        raise Invalid("The parameters are too long or too many.", code="too-costly")
    try:
        return tuple(parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError as mistake:
        raise Invalid("The parameters are not percent-encoded UTF-8.", code="structure") from mistake
