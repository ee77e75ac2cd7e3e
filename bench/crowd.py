"""200 clients and a billing system that takes 300 ms: what they get done, beside what its latency alone would allow.

Each client opens its own patients one after another: a cold search, then the same search and two reads of what it saw,
with a pause of about a second before each of these, shorter than people make.  Ideal is a facade that takes no time at
all: a cold search takes what the billing system takes, call after call as often as the search needs it, and everything
else nothing.  The rush has no pauses and nothing but cold searches: it shows where the processor is the limit.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench import child, site, vendor
from bench.budgets import CROWD, FETCHES, Row, judged
from bench.client import Client, Refused, bills_of, invoices_in
from bench.site import Site
from bench.vendor import Vendor

T = TypeVar("T")

CLIENTS = 200
LATENCY = 0.3
PATIENTS = 7  # of each client
BILLS = 20
_PAUSE = (0.5, 1.5)  # seconds, evenly spread
_RUSH = 3  # patients of each client, without pauses
_RUSHED = 50_000  # where their numbers begin
_SHARED = vendor.number(BILLS, 99_999)
_LONE = vendor.number(BILLS, 99_998)


@dataclass(frozen=True)
class Work:
    """What a client did: so many requests in so many seconds, and the seconds that they would ideally have taken."""

    requests: int
    seconds: float
    ideal: float


class _Spending:
    """CPU from now on: of the facade's worker, of the simulator, of the clients (this process)."""

    def __init__(self, worker: int, simulator: int) -> None:
        self._pids = {"facade": worker, "simulator": simulator, "clients": os.getpid()}
        self._start, self._before = time.monotonic(), self._now()

    def _now(self) -> dict[str, float]:
        return {name: child.cpu(pid) for name, pid in self._pids.items()}

    def shares(self) -> tuple[str, str, str]:
        """CPUs that each kept busy: the facade, the others, and all of them of those that there are."""
        passed, now = time.monotonic() - self._start, self._now()
        used = {name: (now[name] - before) / passed for name, before in self._before.items()}
        others = ", ".join(f"{name} {used[name]:.2f}" for name in ("simulator", "clients"))
        return f"{used['facade']:.2f}", others, f"{sum(used.values()):.2f} of {len(os.sched_getaffinity(0))}"


def measure(folder: Path) -> list[Row]:
    """The lone search says how many calls in a row a search takes; then the crowd; then one patient for everybody."""
    with vendor.running(folder) as simulator, site.served(folder, site.athenahealth(simulator.url)) as facade:
        with Client(facade) as client:
            client.search(bills_of(vendor.number(BILLS, 0)), BILLS)  # warm: token, connections, imports
        simulator.takes(LATENCY)
        ideal = _in_a_row(simulator, facade) * LATENCY
        spent = _Spending(child.worker(facade.pid), simulator.pid)
        works = _crowd(facade, ideal)
        shares = spent.shares()
        calls = simulator.asked()
        return [
            _throughput(works, ideal),
            Row("the same: CPUs kept busy, by the facade and by all others", *shares),
            _fetches(calls),
            _stampede(simulator, facade, ideal),
            _rush(facade, ideal),
        ]


def _in_a_row(simulator: Vendor, facade: Site) -> int:
    """Calls that follow each other in one search; calls made side by side count once."""
    simulator.asked()
    with Client(facade) as client:
        client.search(bills_of(_LONE), BILLS)
    return max(1, round(vendor.busy(simulator.asked()) / LATENCY))


def _together(facade: Site, life: Callable[[Client, int], T]) -> list[T]:
    """What each of the clients lives through, all beginning at one moment with a connection open."""
    start = threading.Barrier(CLIENTS)

    def begun(serial: int) -> T:
        with Client(facade) as client:
            start.wait()
            return life(client, serial)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(begun, range(CLIENTS)))


def _crowd(facade: Site, ideal: float) -> list[Work]:
    def life(client: Client, serial: int) -> Work:
        own = range(1 + serial * PATIENTS, 1 + (serial + 1) * PATIENTS)
        return _visits(client, random.Random(serial), own, ideal)  # noqa: S311

    return _together(facade, life)


def _visits(client: Client, chance: random.Random, serials: Iterable[int], ideal: float) -> Work:
    requests, paused, patients, start = 0, 0.0, 0, time.monotonic()
    for serial in serials:
        search = bills_of(vendor.number(BILLS, serial))
        reads = invoices_in(client.search(search, BILLS), 2)
        for path in (search, *reads):
            pause = chance.uniform(*_PAUSE)
            time.sleep(pause)
            paused += pause
            client.get(path)
        requests, patients = requests + 4, patients + 1
    return Work(requests, time.monotonic() - start, paused + patients * ideal)


def _throughput(works: Sequence[Work], ideal: float) -> Row:
    reached = sum(work.requests / work.seconds for work in works)
    possible = sum(work.requests / work.ideal for work in works)
    return judged(
        f"{CLIENTS} clients with pauses, a billing system that takes {LATENCY * 1000:.0f} ms "
        f"({ideal / LATENCY:.0f} in a row): requests/s, beside ideal",
        f"{reached:,.0f}/s",
        f"{possible:,.0f}/s",
        reached / possible,
        CROWD,
    )


def fetches(calls: Iterable[vendor.Asked], files: int) -> float:
    """How often the file that was fetched most was fetched; endless if there are fewer calls than ``files``."""
    asked = Counter(call.target for call in calls)
    return max(asked.values()) if len(asked) >= files > 0 else math.inf


def _fetches(calls: Sequence[vendor.Asked]) -> Row:
    asked, kinds = {call.target for call in calls}, len(calls) / (CLIENTS * PATIENTS)
    return judged(
        f"the same, {CLIENTS * PATIENTS:,} patients' files of bills: fetches of each in its life",
        f"{len(calls):,} calls",
        f"{len(asked):,} different ones, {kinds:.0f} a file",
        fetches(calls, CLIENTS * PATIENTS),
        FETCHES,
    )


def _stampede(simulator: Vendor, facade: Site, ideal: float) -> Row:
    """Everybody asks for one patient at one moment."""
    times = _together(facade, lambda client, _: client.timed(bills_of(_SHARED))[:2])
    calls = simulator.asked()
    last = max(end for _, end in times) - min(start for start, _ in times)
    return judged(
        f"{CLIENTS} clients ask for one patient at once: fetches of the file; until the last has it, beside ideal",
        f"{last * 1000:,.0f} ms",
        f"{ideal * 1000:,.0f} ms",
        fetches(calls, 1),
        FETCHES,
    )


def _rush(facade: Site, ideal: float) -> Row:
    """Cold searches only, one right after the other."""

    def life(client: Client, serial: int) -> tuple[float, float, int]:
        start, answered = time.monotonic(), 0
        for patient in range(_RUSH):
            with contextlib.suppress(Refused):
                client.search(bills_of(vendor.number(BILLS, _RUSHED + serial * _RUSH + patient)), BILLS)
                answered += 1
        return start, time.monotonic(), answered

    times = _together(facade, life)
    passed = max(end for _, end, _ in times) - min(start for start, _, _ in times)
    answered = sum(count for _, _, count in times)
    reached, possible = answered / passed, CLIENTS / ideal
    return Row(
        f"{CLIENTS} clients without pauses, cold searches only: searches/s, beside ideal",
        f"{reached:,.0f}/s ({CLIENTS * _RUSH - answered} refused)",
        f"{possible:,.0f}/s",
        f"{reached / possible:.1%}",
    )
