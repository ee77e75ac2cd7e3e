"""Faults of the demo gateway's endpoints, switched on by a test: so many times, or until reset."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import Response, json

from fhir_facade.sandbox.athenahealth.app import CutResponse

View = Callable[[], Response]


class Kind(NamedTuple):
    """``acts``: what was asked for is done all the same.  ``answer`` makes the answer from the right one."""

    acts: bool
    answer: Callable[[Response], Response]


def _cut(response: Response) -> Response:
    return CutResponse(response, 0)


def _half(response: Response) -> Response:
    whole = response.get_data()
    return Response(whole[: len(whole) // 2], response.status, content_type="application/json")


def _says(status: int) -> Callable[[Response], Response]:
    return lambda _: Response(json.dumps({"error": "fault"}), status, content_type="application/json")


KINDS = {
    "drop": Kind(False, _cut),
    "drop-after": Kind(True, _cut),
    "error": Kind(False, _says(500)),
    "error-after": Kind(True, _says(500)),
    "hang": Kind(False, _cut),
    "hang-after": Kind(True, _cut),
    "malformed": Kind(True, _half),
    "throttled": Kind(False, _says(429)),
    "unauthorized": Kind(False, _says(401)),
}


@dataclass
class Fault:
    """One that is on.  ``endpoint`` empty: any; ``times`` None: until reset.  What hangs goes on at ``release``."""

    kind: str
    endpoint: str = ""
    times: int | None = None
    met: int = 0
    _released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Let go of the calls that hang."""
        self._released.set()

    def answer(self, view: View) -> Response:
        """The answer to a call that meets it."""
        kind = KINDS[self.kind]
        right = view() if kind.acts else Response()
        if self.kind.startswith("hang"):
            self._released.wait()
        return kind.answer(right)


class Faults:
    """Those that are on; the first that fits is met."""

    def __init__(self) -> None:
        self._on: list[Fault] = []
        self._mutex = threading.Lock()

    def add(self, kind: str, endpoint: str = "", times: int | None = None) -> Fault:
        """Switch one on.  ``ValueError`` for a kind that there is not."""
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
        fault = Fault(kind, endpoint, times)
        with self._mutex:
            self._on.append(fault)
        return fault

    def reset(self) -> None:
        """Switch all off, and let go of what hangs."""
        with self._mutex:
            faults, self._on = self._on, []
        for fault in faults:
            fault.release()

    def around(self, endpoint: str, view: View) -> Response:
        """The view's answer, or a fault's."""
        fault = self._met(endpoint)
        return view() if fault is None else fault.answer(view)

    def _met(self, endpoint: str) -> Fault | None:
        with self._mutex:
            for fault in self._on:
                if fault.endpoint in ("", endpoint) and (fault.times is None or fault.met < fault.times):
                    fault.met += 1
                    return fault
        return None
