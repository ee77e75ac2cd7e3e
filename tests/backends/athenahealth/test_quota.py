"""The share of the quota: counted for all, a tenth kept for posting (production rule B2)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from fhir_facade.backends.athenahealth.configuration import Configuration, configure
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.quota import Quota, for_reading
from fhir_facade.backends.port import Context
from fhir_facade.errors import Throttled
from fhir_facade.events import Event
from fhir_facade.sandbox.athenahealth import Simulator
from tests.backends.athenahealth.conftest import ANNA, Clock, Heard, Open


def configuration(**rate: int) -> Configuration:
    settings: dict[str, Any] = {"environment": "preview", "practice_id": "1", "client_id": "c", "client_secret": "s"}
    return configure(settings | {"rate": rate})


@pytest.mark.parametrize(("limit", "reads"), [(100, 90), (10, 9), (5, 4), (1, 1)])
def test_a_tenth_is_kept_for_posting(limit: int, reads: int) -> None:
    assert for_reading(limit) == reads


def test_a_full_second_is_waited_for(context: Context, clock: Clock) -> None:
    quota = Quota(configuration(per_second=10), context, clock.forward)
    began = clock.seconds()
    for _ in range(10):
        quota.spend(Deadline(8, clock.seconds))
    assert 1 <= clock.seconds() - began < 1.2


def test_who_cannot_wait_for_the_next_second_is_told_to_come_back(context: Context, clock: Clock) -> None:
    quota = Quota(configuration(per_second=1), context, clock.forward)
    quota.spend(Deadline(8, clock.seconds))
    with pytest.raises(Throttled) as raised:
        quota.spend(Deadline(0.5, clock.seconds))
    assert raised.value.retry_after == 1


def test_a_spent_day_ends_at_midnight_gmt_and_is_told_once(context: Context, clock: Clock, heard: Heard) -> None:
    quota = Quota(configuration(per_day=10), context, clock.forward)
    for _ in range(9):
        quota.spend(Deadline(8, clock.seconds))
    for _ in range(3):
        with pytest.raises(Throttled) as raised:
            quota.spend(Deadline(8, clock.seconds))
    assert raised.value.retry_after == 9 * 3600 + 1
    assert heard.of(Event.SOURCE_QUOTA_SPENT) == [{"billing_system": "athena", "window": "day", "limit": 9}]
    clock.forward(9 * 3600)
    quota.spend(Deadline(8, clock.seconds))


def test_reads_that_are_refused_take_nothing_from_posting(context: Context, clock: Clock) -> None:
    for _ in range(3):  # three processes
        quota = Quota(configuration(per_day=10), context, clock.forward)
        for _ in range(20):
            try:
                quota.spend(Deadline(8, clock.seconds))
            except Throttled:
                continue
    [counter] = [value for key, (value, _) in context.store._counters.items() if "/day/" in key]  # type: ignore[attr-defined]
    assert counter == 9


def test_the_quota_is_the_client_ids_whatever_the_practice(context: Context, clock: Clock) -> None:
    first = configuration(per_day=2)
    other = dataclasses.replace(first, practice="2")
    Quota(first, context).spend(Deadline(8, clock.seconds))
    with pytest.raises(Throttled):
        Quota(other, context).spend(Deadline(8, clock.seconds))


def test_an_account_of_ones_own_day_is_no_pause_of_the_vendors(
    open_backend: Open, sim: Simulator, heard: Heard, clock: Clock
) -> None:
    backend = open_backend(rate={"per_day": 3})
    backend.ping()
    backend.ping()
    with pytest.raises(Throttled) as raised:
        backend.person(ANNA)
    midnight = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    assert raised.value.retry_after == (midnight - clock()).total_seconds() + 1
    assert heard.of(Event.SOURCE_THROTTLED) == []
    assert sim.count("/patients/{id}") == 0
