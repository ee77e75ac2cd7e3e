"""A cold search over 1,000 bills: what the facade takes beside its billing system."""

from __future__ import annotations

from pathlib import Path

from bench import site, vendor
from bench.budgets import COLD_SEARCH, Row, judged
from bench.client import Client, bills_of
from bench.rounds import Rounds

_BILLS = 1_000


def measure(folder: Path, rounds: int) -> list[Row]:
    """Each search is of another patient, whom nobody asked for before; the first one warms the server up."""
    return [_from_memory(folder / "memory", rounds), _from_athenahealth(folder / "athenahealth", rounds)]


def _from_memory(folder: Path, rounds: int) -> Row:
    numbers = [str(1000 + serial) for serial in range(rounds + 1)]
    with (
        site.served(folder, site.memory(folder, [(number, _BILLS) for number in numbers])) as facade,
        Client(facade) as client,
    ):
        taken = []
        for number in numbers:
            start, end, _ = client.timed(bills_of(number))
            taken.append((end - start) * 1000)
        client.search(bills_of(numbers[-1]), _BILLS)
    own = Rounds(tuple(taken[1:]))
    return _row("memory backend", own, Rounds((0.0,)))


def _from_athenahealth(folder: Path, rounds: int) -> Row:
    numbers = [vendor.number(_BILLS, serial) for serial in range(rounds + 1)]
    with (
        vendor.running(folder) as simulator,
        site.served(folder, site.athenahealth(simulator.url)) as facade,
        Client(facade) as client,
    ):
        own, its = [], []
        for number in numbers:
            simulator.asked()
            start, end, _ = client.timed(bills_of(number))
            spent = vendor.busy(simulator.asked())
            own.append((end - start - spent) * 1000)
            its.append(spent * 1000)
        client.search(bills_of(numbers[-1]), _BILLS)
    return _row("athenahealth simulator", Rounds(tuple(own[1:])), Rounds(tuple(its[1:])))


def _row(which: str, own: Rounds, its: Rounds) -> Row:
    return judged(
        f"cold search over {_BILLS:,} bills, {which}: the facade's own time",
        own.text("{:.0f} ms"),
        its.text("{:.0f} ms"),
        own.median,
        COLD_SEARCH,
    )
