"""Which fields of athenahealth's answers make the fields of a record: a table for each kind, and what they said.

Each table stands beside the mapping that it explains, and a test holds the two together: no value that the mapping
reads may change a field without one of the field's grounds saying so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from fhir_facade.backends.athenahealth import endpoints
from fhir_facade.backends.athenahealth.endpoints import Endpoint
from fhir_facade.backends.athenahealth.persons import Row
from fhir_facade.backends.port import Ground
from fhir_facade.backends.verbatim import NOT_SAID, verbatim

_NOTHING: Row = {}
_NUMBER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Rows:
    """Where rows stand in an endpoint's answer: ``claimbalancedetails[].claimdetails[]``.  The answer itself: empty."""

    endpoint: Endpoint
    path: str = ""


CHART = Rows(endpoints.PATIENT)
BALANCE = Rows(endpoints.PATIENT, "balances[]")
GROUP = Rows(endpoints.PATIENT, "claimbalancedetails[]")
CLAIM_BALANCE = Rows(endpoints.PATIENT, "claimbalancedetails[].claimdetails[]")
TRANSACTION = Rows(endpoints.PATIENT, f"{CLAIM_BALANCE.path}.chargeleveldetail[].transactions[]")
CLAIM = Rows(endpoints.CLAIMS, "claims[]")
APPOINTMENT = Rows(endpoints.PATIENTS_APPOINTMENTS, "appointments[]")
RECEIPT = Rows(endpoints.RECEIPTS, "[]")
DEPARTMENT = Rows(endpoints.DEPARTMENTS, "departments[]")

Table = tuple[tuple[str, Rows, str], ...]
"""A record's field, the rows that make it, and the path in a row; in the order in which the mapping asks."""


def what_made(table: Table, answered: Mapping[Rows, Sequence[Row]]) -> Iterator[Ground]:
    """What the rows of one record say, field by field, and row by row where a field is made of several.

    ``[]`` in a source's path is the record's own row, or the only one; of several the first is ``[0]``.
    """
    for (field, rows), lines in groupby(table, itemgetter(0, 1)):
        found = answered.get(rows) or (_NOTHING,)
        places = [f"{place}." if place else "" for place in _numbered(rows.path, len(found))]
        paths = [path for _, _, path in lines]
        cells = [(row, path, place) for row, place in zip(found, places, strict=True) for path in paths]
        said = sorted((each for cell in cells for each in _said(*cell)), key=_row)
        for where, value in dict.fromkeys(said):
            yield Ground(field, f"{rows.endpoint.template}: {where}", value)


def _row(said: tuple[str, str]) -> list[int]:
    return [int(number) for number in _NUMBER.findall(said[0])]


def _numbered(path: str, count: int) -> list[str]:
    return [path] if count == 1 else [f"{path.removesuffix('[]')}[{i}]" for i in range(count)]


def _said(value: Any, path: str, place: str) -> Iterator[tuple[str, str]]:
    """Every value at ``path`` below ``value``, with its whole path; a list that is not there is not said as a whole."""
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    below = value.get(name, _NOTHING) if isinstance(value, Mapping) else _NOTHING
    if below is _NOTHING or (name != step and not below):
        yield place + (path if name == step else step), NOT_SAID
    elif not rest:
        yield place + path, verbatim(below)
    elif name == step:
        yield from _said(below, rest, f"{place}{name}.")
    else:
        for at, item in zip(_numbered(step, len(below)), below, strict=True):
            yield from _said(item, rest, f"{place}{at}.")
