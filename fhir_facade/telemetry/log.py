"""The log: an event of the catalogue and its facts become one JSON line on standard error, and numbers."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

import msgspec
import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars

from fhir_facade.events import Event
from fhir_facade.telemetry.facts import FACTS, Fact
from fhir_facade.telemetry.metrics import METRICS, Metrics

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_LONGEST = 300  # characters of a fact

_encode = msgspec.json.Encoder().encode


class Log:
    """Writes events of ``level`` and above to ``stream`` (standard error when None) and tells all to ``metrics``.

    Nothing that goes wrong here fails a request: a line that cannot be written is counted and lost.
    """

    def __init__(self, stream: BinaryIO | None = None, *, level: str = "info", metrics: Metrics = METRICS) -> None:
        self._metrics = metrics
        self._least = LEVELS[level]
        self._logger = structlog.wrap_logger(
            _Lines(stream, metrics),
            processors=[merge_contextvars, _stamped, structlog.processors.JSONRenderer(_line)],
            wrapper_class=structlog.BoundLogger,
            cache_logger_on_first_use=True,
        )

    def event(self, code: Event, **facts: Fact) -> None:
        """Log a code of the catalogue.  A fact that the table does not name, or that is no plain value, is refused."""
        stated = {name: value for name, value in facts.items() if name in FACTS and isinstance(value, Fact)}
        for _ in range(len(facts) - len(stated)):
            self._metrics.fact_refused()
        self._metrics.heard(code, stated)
        if LEVELS[code.severity] >= self._least:
            self._logger.msg(code.value, level=code.severity, **stated)

    def set_level(self, level: str) -> None:
        """Leave out what is less than ``level``: debug, info, warning or error."""
        self._least = LEVELS[level]


def in_request(id: str) -> AbstractContextManager[None]:
    """Every line logged inside, in this thread, carries ``request_id``.  Other threads need ``contextvars``' copy."""
    return bound_contextvars(request_id=id)


class _Lines:
    """Whole lines, one write each, so that the lines of threads and workers do not mix."""

    def __init__(self, stream: BinaryIO | None, metrics: Metrics) -> None:
        self._stream, self._metrics, self._mutex = stream, metrics, threading.Lock()

    def msg(self, line: bytes) -> None:
        try:
            with self._mutex:
                stream = self._stream or sys.stderr.buffer
                stream.write(line)
                stream.flush()
        except (OSError, ValueError):  # a closed pipe, a full disk, a closed stream
            self._metrics.line_lost()


def _stamped(_logger: object, _name: str, facts: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {"timestamp": dt.datetime.now(dt.UTC), "level": facts.pop("level"), "event": facts.pop("event"), **facts}


def _line(facts: Mapping[str, Any], **_: object) -> bytes:
    cut = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in facts.items()}
    return _encode(cut) + b"\n"


LOG = Log()
"""The log of this process."""

event = LOG.event
