"""Warm search and read, beside a bare Flask view that returns the same bytes and beside fhirstarter."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import child, rival, site, wrk
from bench.budgets import WARM_READ, WARM_SEARCH, Budget, Row, judged
from bench.client import Client, bills_of, invoices_in, patient_in
from bench.rounds import Rounds, alternating

_PATIENT, _BILLS = "4711", 20


def measure(folder: Path, rounds: int, seconds: int) -> list[Row]:
    """All servers are up at once; only one at a time is asked."""
    billing_system = site.memory(folder, [(_PATIENT, _BILLS)])
    with site.served(folder / "facade", billing_system) as facade:
        (search, read), token = _paths(facade, folder), facade.patients(_PATIENT)
        with _bare(folder) as bare, _fhirstarter(folder) as other:
            bases = {"facade": facade.base_url, "flask": bare, "fhirstarter": other}
            rows = _rows("GET /Invoice?patient= of 20, warm", bases, search, token, WARM_SEARCH, rounds, seconds)
            return [*rows, *_rows("GET /Invoice/{id}, warm", bases, read, token, WARM_READ, rounds, seconds)]


def _paths(facade: site.Site, folder: Path) -> tuple[str, str]:
    """The search and the read; what they answer is kept for the other servers."""
    with Client(facade) as client:
        search = f"Invoice?patient={patient_in(client.search(bills_of(_PATIENT), _BILLS))}"
        [read] = invoices_in(client.search(search, _BILLS), 1)
        (folder / "search.json").write_bytes(client.get(search))
        (folder / "read.json").write_bytes(client.get(read))
    return search, read


@contextlib.contextmanager
def _bare(folder: Path) -> Iterator[str]:
    port = child.free_port()
    words = [sys.executable, "-m", "bench.bare", str(folder), str(port)]
    with child.running(words, port, folder / "bare.log"):
        yield f"http://127.0.0.1:{port}/fhir"


@contextlib.contextmanager
def _fhirstarter(folder: Path) -> Iterator[str]:
    python, port = rival.install(), child.free_port()
    with child.running(rival.words(python, folder / "search.json", port), port, folder / "rival.log"):
        yield f"http://127.0.0.1:{port}"


def _rows(
    what: str, bases: dict[str, str], path: str, token: str, budget: Budget, rounds: int, seconds: int
) -> Iterator[Row]:
    def rate(base: str) -> float:
        return wrk.rate(f"{base}/{path}", seconds, token)

    for base in bases.values():
        wrk.rate(f"{base}/{path}", 1, token)  # warm
    found = alternating({name: lambda base=base: rate(base) for name, base in bases.items()}, rounds)  # type: ignore[misc]
    share = found["facade"].over(found["flask"])
    yield judged(
        f"{what}, beside a bare Flask view of the same bytes",
        _a_second(found["facade"]),
        _a_second(found["flask"]),
        share.median,
        budget,
        share.text("{:.0%}"),
    )
    times = found["facade"].over(found["fhirstarter"])
    shown = times.text("{:.0f} ×")
    yield Row(f"{what}, beside fhirstarter", _a_second(found["facade"]), _a_second(found["fhirstarter"]), shown)


def _a_second(rate: Rounds) -> str:
    return rate.text("{:,.0f}/s")
