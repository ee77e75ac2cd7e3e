"""One five-line Invoice from a record to judged bytes, beside ``fhir.resources``, which only validates and dumps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from itertools import cycle
from typing import Any

from fhir.resources.R4B.invoice import Invoice

from bench.bills import bill
from bench.budgets import RENDER, Row, judged
from bench.rounds import alternating, seconds_each
from bench.site import SYSTEM
from fhir_facade import wire
from fhir_facade.identity.sealing import Sealer
from fhir_facade.mappers.scene import Ids, Scene
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import Bill
from fhir_facade.settings.model import AssigningAuthority, Bills
from fhir_facade.state.database import Database
from fhir_facade.state.numbers import LongNumbers

_LINES = 5
_PATIENTS = 50
_BILLS = 20  # of each


def sealer() -> Sealer:
    """Ids as the house makes them; the numbers here are short, so no database is asked."""
    return Sealer([b"x" * 32], ["riverside"], LongNumbers(Database("sqlite://")))


def ours(ids: Ids, records: Iterable[Bill]) -> Callable[[], bytes]:
    """Map, judge and encode the next bill, each in a scene of its own: nothing is shared with the bill before."""
    authority = AssigningAuthority("riverside", "Riverside Medical Group", SYSTEM, "billing", bills=Bills(view=True))
    now = dt.datetime.now(dt.UTC)
    waiting = cycle(records)

    def work() -> bytes:
        scene = Scene(authority, ids, "http://127.0.0.1:8080/fhir", now)
        return wire.encode(MAPPERS["Invoice"].body(next(waiting), scene))

    return work


def theirs(body: dict[str, Any]) -> Callable[[], str]:
    """Validate and dump the same Invoice, given as a dict: nothing is mapped or parsed."""
    return lambda: Invoice.model_validate(body).model_dump_json()


def measure(rounds: int, seconds: float) -> list[Row]:
    """Both in turn, in this process."""
    records = [
        bill(str(patient), patient * _BILLS + serial, _LINES)
        for patient in range(_PATIENTS)
        for serial in range(_BILLS)
    ]
    fast = ours(sealer(), records)
    slow = theirs(wire.decode(fast()))
    slow()
    found = alternating(
        {"ours": lambda: seconds_each(fast, seconds) * 1e6, "theirs": lambda: seconds_each(slow, seconds) * 1e6}, rounds
    )
    gain = found["theirs"].over(found["ours"])
    row = judged(
        "map + judge + encode a five-line Invoice, beside fhir.resources validate + dump",
        found["ours"].text("{:,.0f} µs"),
        found["theirs"].text("{:,.0f} µs"),
        gain.median,
        RENDER,
        gain.text("{:.1f} ×"),
    )
    return [row]
