"""The athenahealth simulator as a process that times itself: a practice of as many patients as anybody asks for.

``python -m bench.vendor PORT``.  A patient's number says how many claims there are: 2000001 has 20, 100000001 has
1,000.  ``/bench/latency/0.3`` makes every later answer take that long more; ``/bench/times`` is what was asked since
the last time, and when (``time.monotonic``, which all processes of a machine share).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench import child
from bench.bills import charges
from fhir_facade.sandbox.athenahealth import Charge, Claim, Department, Patient, Practice, Provider, World
from fhir_facade.sandbox.athenahealth.app import create_app
from fhir_facade.sandbox.athenahealth.faults import Faults
from fhir_facade.sandbox.athenahealth.server import LoopbackServer
from fhir_facade.sandbox.athenahealth.tokens import Tokens

_SERIES = 100_000
_DUE = ("0.00", "42.80", "0.00", "-10.00", "15.16")


def number(claims: int, serial: int) -> str:
    """The number of a patient with so many claims."""
    return str(claims * _SERIES + serial)


class Asked(msgspec.Struct, frozen=True):
    """One call: from when to when the simulator worked on it, not counting what reading and writing sockets took."""

    target: str
    start: float
    end: float


class Endless(dict[str, Patient]):
    """Patients who are there as soon as they are asked for, and who take no room when they are not."""

    def get(self, key: str, default: Any = None) -> Any:
        return _patient(key) if key.isdigit() and int(key) >= _SERIES else default


@lru_cache(256)
def _patient(key: str) -> Patient:
    count = int(key) // _SERIES
    claims = [_claim(key, serial) for serial in range(count)]
    return Patient(key, last=f"Sample{key}", provider="7", claims=claims)


def _claim(patient: str, serial: int) -> Claim:
    key = str(int(patient) * 1_000 + serial)
    day = dt.date(2024, 1, 2) + dt.timedelta(days=serial % 700)
    lines = [
        Charge(f"{key}{line}", charge.amount, charge.code, charge.description, date=day)
        for line, charge in enumerate(charges(1 + serial % 5))
    ]
    billed = sum(charge.amount for charge in charges(1 + serial % 5))
    due = _DUE[serial % len(_DUE)]
    return Claim(key, patient, billed, due, provider="7", service_date=day, created=day, charges=lines)


class Timed:
    """The simulator's application with a watch, and the two pages of ``/bench``."""

    def __init__(self, world: World) -> None:
        self._faults = Faults()
        self._app = create_app(world, self._faults, Tokens(world))
        self._world = world
        self._asked: list[Asked] = []
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/bench/") or path == "/livez":
            page = self._page(path)
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(page)))])
            return [page]
        start = time.monotonic()
        body = [*self._app(environ, start_response)]
        asked = Asked(f"{path}?{environ['QUERY_STRING']}", start, time.monotonic())
        with self._lock:
            self._asked.append(asked)
        return body

    def _page(self, path: str) -> bytes:
        _, _, seconds = path.partition("/latency/")
        if seconds:
            self._faults.reset()
            self._faults.add("latency", None, None, None, {"seconds": float(seconds)})
        with self._lock:
            asked, self._asked = self._asked, []
        self._world.calls.clear()
        return msgspec.json.encode(asked)


def practice() -> Practice:
    """One provider group, one department, one provider."""
    return Practice(
        "1",
        departments={"1": Department("1", phone="555-0100")},
        providers={"7": Provider("7", last="Quill", npi="1234567893")},
        patients=Endless(),
    )


def timed() -> Timed:
    """The application: that practice, for the client that the bench's site is."""
    return Timed(World([practice()], client_id="bench", client_secret="bench"))  # noqa: S106


def main(port: str) -> None:
    """Serve until a signal ends it."""
    server = LoopbackServer(timed(), int(port))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    server.open()
    ended.wait()
    server.close()


class Vendor:
    """The bench's side of the process."""

    def __init__(self, port: int, pid: int) -> None:
        self.url, self.pid = f"http://127.0.0.1:{port}", pid

    def takes(self, seconds: float) -> None:
        """Make every answer take so long."""
        self._get(f"/bench/latency/{seconds}")

    def asked(self) -> list[Asked]:
        """The calls since the last time, tokens and reference data not counted."""
        found = msgspec.json.decode(self._get("/bench/times"), type=list[Asked])
        return [call for call in found if "/patients/" in call.target or "patientid=" in call.target.lower()]

    def _get(self, path: str) -> bytes:
        with contextlib.closing(HTTPConnection("127.0.0.1", urlsplit(self.url).port, timeout=30)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read()


def busy(asked: Iterable[Asked]) -> float:
    """Seconds in which at least one call was being worked on."""
    total, until = 0.0, float("-inf")
    for call in sorted(asked, key=lambda each: each.start):
        total += max(0.0, call.end - max(call.start, until))
        until = max(until, call.end)
    return total


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Vendor]:
    """The simulator, on a port of its own."""
    port = child.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    with child.running([sys.executable, "-m", "bench.vendor", str(port)], port, folder / "vendor.log") as pid:
        yield Vendor(port, pid)


if __name__ == "__main__":
    main(*sys.argv[1:])
