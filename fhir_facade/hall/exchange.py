"""A request and an answer as plain values: nothing behind the door knows a web framework."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from urllib.parse import parse_qsl

import msgspec

from fhir_facade.errors import Invalid
from fhir_facade.keys import PatientKey

FHIR_JSON = "application/fhir+json"
Pairs = tuple[tuple[str, str], ...]

LONGEST_FORM = 1_000_000  # bytes; a search by ten thousand ids is shorter
MOST_PARAMETERS = 1_000


class Request(msgspec.Struct, frozen=True, dict=True):
    """What was asked.  ``path`` is below the FHIR base, without slashes at its ends; ``headers`` by lower-case name;
    ``id`` goes into the log and comes back as ``X-Request-Id``; ``peer`` is the address that the request came from."""

    method: str
    path: str
    query_string: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes = b""
    id: str = ""
    peer: str = ""

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
