"""The numbers of this process, for Prometheus.  They come from the same events as the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

from fhir_facade.events import Event
from fhir_facade.telemetry.facts import Fact, status_class

_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SOURCE_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class Metrics:
    """A registry of its own.  Labels are names of the settings and of this code, so their number is bounded."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests()
        self._sources()
        self._files()
        self._house()
        self._hearers: Mapping[Event, Callable[[Mapping[str, Fact]], None]] = {
            Event.REQUEST_ANSWERED: self._request_answered,
            Event.SOURCE_CALLED: self._source_called,
            Event.BREAKER_OPENED: lambda facts: self._resting.labels(_text(facts, "billing_system")).set(1),
            Event.BREAKER_CLOSED: lambda facts: self._resting.labels(_text(facts, "billing_system")).set(0),
            Event.SETTINGS_LOADED: lambda facts: self._settings.info({"digest": _text(facts, "digest")}),
        }

    def heard(self, code: Event, facts: Mapping[str, Fact]) -> None:
        """Count an event, and measure what it tells."""
        self._events[code].inc()
        hearer = self._hearers.get(code)
        if hearer is not None:
            hearer(facts)

    def file_asked(self, kind: str, *, hit: bool) -> None:
        """A patient's file was asked for, and was there or had to be fetched."""
        (self._hits if hit else self._misses)(kind).inc()

    def files_weigh(self, bytes: Callable[[], float]) -> None:
        """From now on ``bytes`` says what all files kept take."""
        self._weight.set_function(bytes)

    def fact_refused(self) -> None:
        """A log line came with a fact that the table does not have."""
        self._refused.inc()

    def line_lost(self) -> None:
        """A log line could not be written."""
        self._lost.inc()

    def exposition(self) -> bytes:
        """All of it in the text format.  https://prometheus.io/docs/instrumenting/exposition_formats/"""
        return generate_latest(self._registry)

    def _requests(self) -> None:
        answered = Counter(
            "fhir_facade_requests",
            "Requests answered.",
            ("type", "interaction", "status"),
            registry=self._registry,
        )
        seconds = Histogram(
            "fhir_facade_request_seconds",
            "From a request's arrival to its answer.",
            ("interaction",),
            buckets=_REQUEST_SECONDS,
            registry=self._registry,
        )
        # Finding a series by its labels costs more than counting in it.
        self._answered, self._request_seconds = lru_cache(answered.labels), lru_cache(seconds.labels)

    def _sources(self) -> None:
        names = ("billing_system", "endpoint")
        self._calls = Counter(
            "fhir_facade_source_calls", "Calls to billing systems.", (*names, "status"), registry=self._registry
        )
        self._source_seconds = Histogram(
            "fhir_facade_source_seconds",
            "From a call to a billing system to its answer.",
            names,
            buckets=_SOURCE_SECONDS,
            registry=self._registry,
        )
        self._resting = Gauge(
            "fhir_facade_source_resting",
            "1 while the circuit breaker of a billing system is open.",
            ("billing_system",),
            registry=self._registry,
        )

    def _files(self) -> None:
        hits = Counter("fhir_facade_file_hits", "Files that were there.", ("kind",), registry=self._registry)
        misses = Counter("fhir_facade_file_misses", "Files to be fetched.", ("kind",), registry=self._registry)
        self._hits, self._misses = lru_cache(hits.labels), lru_cache(misses.labels)
        self._weight = Gauge("fhir_facade_file_bytes", "What all files kept take.", registry=self._registry)

    def _house(self) -> None:
        events = Counter("fhir_facade_events", "Events of the log.", ("event",), registry=self._registry)
        self._events = {code: events.labels(code.value) for code in Event}  # from 0 on, so that a first one is a rise
        self._settings = Info("fhir_facade_settings", "The settings in force.", registry=self._registry)
        self._refused = Counter("fhir_facade_log_facts_refused", "Facts that were not logged.", registry=self._registry)
        self._lost = Counter("fhir_facade_log_lines_lost", "Lines that were not written.", registry=self._registry)

    def _request_answered(self, facts: Mapping[str, Fact]) -> None:
        interaction = _text(facts, "interaction")
        self._answered(_text(facts, "type"), interaction, status_class(facts.get("status", ""))).inc()
        self._request_seconds(interaction).observe(_seconds(facts))

    def _source_called(self, facts: Mapping[str, Fact]) -> None:
        names = _text(facts, "billing_system"), _text(facts, "endpoint")
        self._calls.labels(*names, status_class(facts.get("status", ""))).inc()
        self._source_seconds.labels(*names).observe(_seconds(facts))


def _text(facts: Mapping[str, Fact], name: str) -> str:
    return str(facts.get(name, ""))


def _seconds(facts: Mapping[str, Fact]) -> float:
    milliseconds = facts.get("milliseconds", 0)
    return 0.0 if isinstance(milliseconds, str) else milliseconds / 1000


METRICS = Metrics()
"""The numbers of this process."""
