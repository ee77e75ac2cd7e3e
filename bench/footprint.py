"""What a worker weighs after it has served the files of 10,000 patients."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from bench import child, site, vendor
from bench.budgets import MEMORY, Row, judged
from bench.client import Client, bills_of
from bench.site import Site

PATIENTS = 10_000
BILLS = 20
_THREADS = 8


def measure(folder: Path) -> list[Row]:
    """Every file is cold when it is asked for; the cache fills up and lets go of old ones on the way."""
    with vendor.running(folder) as simulator, site.served(folder, site.athenahealth(simulator.url)) as facade:
        with Client(facade) as client:
            client.search(bills_of(vendor.number(BILLS, 0)), BILLS)
        worker = child.worker(facade.pid)
        before, _ = child.resident(worker)
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda share: _ask(facade, share), _shares()))
        now, most = child.resident(worker)
    return [
        judged(
            f"memory of a worker after {PATIENTS:,} patients' files of {BILLS} bills (its peak), and before",
            f"{now:.0f} MB ({most:.0f} MB)",
            f"{before:.0f} MB",
            now,
            MEMORY,
        )
    ]


def _shares() -> list[list[str]]:
    numbers: Iterator[str] = (vendor.number(BILLS, serial) for serial in range(1, PATIENTS + 1))
    return [list(islice(numbers, PATIENTS // _THREADS)) for _ in range(_THREADS)]


def _ask(facade: Site, numbers: list[str]) -> None:
    with Client(facade) as client:
        for number in numbers:
            client.search(bills_of(number), BILLS)
