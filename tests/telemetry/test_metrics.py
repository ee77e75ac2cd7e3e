"""The numbers: what happened is counted under its names, and Prometheus can read it."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fhir_facade.events import Event
from fhir_facade.telemetry.facts import status_class
from fhir_facade.telemetry.metrics import METRICS, Metrics
from tests.telemetry.conftest import Recorded, sample


def test_requests_are_counted_by_type_interaction_and_status_class(recorded: Recorded) -> None:
    for status, milliseconds in ((200, 30), (204, 10), (404, 3)):
        recorded.log.event(
            Event.REQUEST_ANSWERED, type="Invoice", interaction="read", status=status, milliseconds=milliseconds
        )
    names = {"type": "Invoice", "interaction": "read"}
    assert sample(recorded.metrics, "fhir_facade_requests_total", **names, status="2xx") == 2
    assert sample(recorded.metrics, "fhir_facade_requests_total", **names, status="4xx") == 1
    assert sample(recorded.metrics, "fhir_facade_request_seconds_count", interaction="read") == 3
    assert sample(recorded.metrics, "fhir_facade_request_seconds_sum", interaction="read") == pytest.approx(0.043)
    assert sample(recorded.metrics, "fhir_facade_request_seconds_bucket", interaction="read", le="0.005") == 1


def test_source_calls_are_counted_and_timed_by_billing_system_and_endpoint(recorded: Recorded) -> None:
    names = {"billing_system": "athena", "endpoint": "/patients/{id}"}
    for status in (200, "timed out", 503):
        recorded.log.event(Event.SOURCE_CALLED, **names, status=status, milliseconds=1500, attempt=1)
    counted = [
        sample(recorded.metrics, "fhir_facade_source_calls_total", **names, status=status)
        for status in ("2xx", "timed out", "5xx")
    ]
    assert counted == [1, 1, 1]
    assert sample(recorded.metrics, "fhir_facade_source_seconds_sum", **names) == pytest.approx(4.5)


def test_an_open_breaker_shows_until_it_closes(recorded: Recorded) -> None:
    seen = []
    for code in (Event.BREAKER_OPENED, Event.BREAKER_CLOSED):
        recorded.log.event(code, billing_system="athena")
        seen.append(sample(recorded.metrics, "fhir_facade_source_resting", billing_system="athena"))
    assert seen == [1, 0]


def test_the_settings_in_force_show_by_their_digest_and_the_newest_only(recorded: Recorded) -> None:
    recorded.log.event(Event.SETTINGS_LOADED, digest="aa11")
    recorded.log.event(Event.SETTINGS_LOADED, digest="bb22")
    assert sample(recorded.metrics, "fhir_facade_settings_info", digest="bb22") == 1
    assert sample(recorded.metrics, "fhir_facade_settings_info", digest="aa11") is None


def test_files_are_counted_by_kind_and_weighed_when_asked() -> None:
    metrics, weight = Metrics(), [0.0]
    metrics.files_weigh(lambda: weight[0])
    for hit in (True, True, False):
        metrics.file_asked("bills", hit=hit)
    weight[0] = 4096.0
    assert sample(metrics, "fhir_facade_file_hits_total", kind="bills") == 2
    assert sample(metrics, "fhir_facade_file_misses_total", kind="bills") == 1
    assert sample(metrics, "fhir_facade_file_bytes") == 4096


def test_every_code_has_a_counter_from_the_start() -> None:
    metrics = Metrics()
    assert {sample(metrics, "fhir_facade_events_total", event=code.value) for code in Event} == {0}


def test_every_code_can_be_counted_without_any_fact() -> None:
    metrics = Metrics()
    for code in Event:
        metrics.heard(code, {})
    assert {sample(metrics, "fhir_facade_events_total", event=code.value) for code in Event} == {1}


def test_the_exposition_is_what_prometheus_reads() -> None:
    families = {family.name: family for family in text_string_to_metric_families(METRICS.exposition().decode())}
    ours = {name for name in families if name.startswith("fhir_facade_")}
    assert ours >= {"fhir_facade_requests", "fhir_facade_source_calls", "fhir_facade_file_bytes"}
    assert all(families[name].documentation for name in ours)


@pytest.mark.parametrize(("status", "shown"), [(200, "2xx"), (599, "5xx"), ("3xx", "3xx"), ("timed out", "timed out")])
def test_a_status_is_shown_by_its_class(status: int | str, shown: str) -> None:
    assert status_class(status) == shown
