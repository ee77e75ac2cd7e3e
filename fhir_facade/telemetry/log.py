"""The log: an event of the catalogue and its facts become one JSON line on standard error, and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, BinaryIO

import msgspec

from fhir_facade.clock import utcnow
from fhir_facade.events import Event
from fhir_facade.telemetry.facts import FACTS, Fact
from fhir_facade.telemetry.lines import Lines
from fhir_facade.telemetry.metrics import METRICS, Metrics

_LONGEST = 300  # characters of a fact
_PLAIN = (str, int, float)  # the members of Fact: a union is twice as slow to ask

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_encode = msgspec.json.Encoder().encode


class Log:
    """Writes events to ``stream`` (standard error when None) and tells them to ``metrics``.

    Nothing that goes wrong here fails a request: a line that cannot be written is counted and lost.
    """

    def __init__(self, stream: BinaryIO | None = None, *, metrics: Metrics = METRICS) -> None:
        self._metrics = metrics
        self._lines = Lines(stream, metrics.line_lost)

    def event(self, code: Event, **facts: Fact) -> None:
        """Log a code of the catalogue.  A fact that the table does not name, or that is no plain value, is refused."""
        stated = {name: value for name, value in facts.items() if name in FACTS and isinstance(value, _PLAIN)}
        for _ in range(len(facts) - len(stated)):
            self._metrics.fact_refused()
        self._metrics.heard(code, stated)
        self._lines.msg(_line(code, stated))

    def in_background(self) -> None:
        """Let a thread write the lines, as a server does.  To be called once, in the process that logs."""
        self._lines.in_background()


@contextmanager
def in_request(id: str) -> Iterator[None]:
    """Every line logged inside, in this thread, carries ``request_id``.  Other threads need ``contextvars``' copy."""
    token = _request_id.set(id)
    try:
        yield
    finally:
        _request_id.reset(token)


def _line(code: Event, facts: Mapping[str, Fact]) -> bytes:
    line: dict[str, Any] = {"timestamp": utcnow(), "level": code.severity, "event": code.value, **facts}
    for name, value in facts.items():
        if isinstance(value, str) and len(value) > _LONGEST:
            line[name] = value[:_LONGEST]
    request_id = _request_id.get()
    if request_id is not None:
        line["request_id"] = request_id
    return _encode(line) + b"\n"


LOG = Log()
"""The log of this process."""

event = LOG.event
