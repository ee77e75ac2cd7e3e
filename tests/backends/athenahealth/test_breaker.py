"""The circuit breaker and the pause, with a clock that is moved by hand (production rule B8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Gate

import pytest

from fhir_facade.backends.athenahealth.breaker import FAILURES, INTERVAL, LONGEST_PAUSE, Breaker, Pause
from fhir_facade.backends.port import Context
from fhir_facade.errors import Refused, Resting, Throttled, TimedOut, Unreachable
from fhir_facade.events import Event
from tests.backends.athenahealth.conftest import Clock, Heard


@pytest.fixture
def breaker(context: Context, clock: Clock) -> Breaker:
    return Breaker(context, clock.seconds)


@pytest.fixture
def opened(breaker: Breaker) -> Breaker:
    for _ in range(FAILURES):
        breaker.failed()
    return breaker


@pytest.fixture
def pause(context: Context, clock: Clock) -> Pause:
    return Pause(context, clock.seconds)


def well() -> None:
    """A probe that is answered."""


def ill() -> None:
    raise TimedOut("ping")


def never() -> None:
    raise AssertionError("nobody should be asked")


def test_a_closed_breaker_asks_nobody(breaker: Breaker) -> None:
    breaker.admit(never)


def test_it_opens_after_failures_in_a_row_only(breaker: Breaker, heard: Heard) -> None:
    for _ in range(FAILURES - 1):
        breaker.failed()
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed()
    breaker.admit(never)
    breaker.failed()
    with pytest.raises(Resting):
        breaker.admit(never)
    assert heard.of(Event.BREAKER_OPENED) == [{"billing_system": "athena", "failures": FAILURES}]


def test_it_answers_at_once_and_says_when_it_probes(opened: Breaker, clock: Clock) -> None:
    clock.forward(1)
    with pytest.raises(Resting) as raised:
        opened.admit(never)
    assert raised.value.retry_after == INTERVAL - 1 <= 5


def test_the_first_request_after_the_interval_probes_and_goes_through(
    opened: Breaker, clock: Clock, heard: Heard
) -> None:
    clock.forward(INTERVAL)
    opened.admit(well)
    opened.admit(never)
    assert heard.of(Event.BREAKER_CLOSED) == [{"billing_system": "athena"}]


def test_it_probes_at_least_every_five_seconds(opened: Breaker, clock: Clock) -> None:
    for _ in range(3):
        clock.forward(5)
        with pytest.raises(Resting):
            opened.admit(ill)
    clock.forward(5)
    opened.admit(well)


def test_one_request_probes_and_the_others_are_answered_at_once(opened: Breaker, clock: Clock) -> None:
    clock.forward(INTERVAL)
    asked, answer = Gate(), Gate()

    def slow() -> None:
        asked.set()
        assert answer.wait(10)

    with ThreadPoolExecutor() as pool:
        probing = pool.submit(opened.admit, slow)
        assert asked.wait(10)
        with pytest.raises(Resting):
            opened.admit(never)
        answer.set()
        probing.result()


def test_any_good_answer_closes_it(opened: Breaker) -> None:
    opened.succeeded()
    opened.admit(never)


def test_a_practice_that_answers_by_refusing_is_not_down(opened: Breaker, clock: Clock) -> None:
    def refuses() -> None:
        raise Refused("401")

    clock.forward(INTERVAL)
    opened.admit(refuses)
    opened.admit(never)


@pytest.mark.parametrize("fault", [Unreachable(), TimedOut(), Throttled()])
def test_a_probe_that_fails_keeps_it_open(opened: Breaker, clock: Clock, fault: Exception) -> None:
    def fails() -> None:
        raise fault

    clock.forward(INTERVAL)
    with pytest.raises(Resting):
        opened.admit(fails)


def test_a_late_failure_does_not_put_off_the_next_probe(opened: Breaker, clock: Clock) -> None:
    clock.forward(INTERVAL - 1)
    opened.failed()
    clock.forward(1)
    opened.admit(well)


def test_a_pause_is_short_at_first_and_grows_to_a_minute(pause: Pause, clock: Clock) -> None:
    lengths = []
    for _ in range(8):
        pause.admit()
        lengths.append(pause.throttled(Throttled(retry_after=1)).retry_after)
        clock.forward(lengths[-1])
    assert lengths == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_pause_is_as_long_as_the_vendor_says_up_to_a_minute(pause: Pause, clock: Clock) -> None:
    assert pause.throttled(Throttled(retry_after=7)).retry_after == 7
    clock.forward(7)
    assert pause.throttled(Throttled(retry_after=3600)).retry_after == LONGEST_PAUSE


def test_calls_that_are_throttled_at_once_begin_one_pause(pause: Pause, heard: Heard) -> None:
    for _ in range(50):
        pause.throttled(Throttled(retry_after=1))
    with pytest.raises(Throttled) as raised:
        pause.admit()
    assert raised.value.retry_after == 1
    assert len(heard.of(Event.SOURCE_THROTTLED)) == 1


def test_a_good_answer_makes_the_next_pause_short_again(pause: Pause, clock: Clock) -> None:
    for _ in range(4):
        clock.forward(pause.throttled(Throttled(retry_after=1)).retry_after)
    pause.ended()
    assert pause.throttled(Throttled(retry_after=1)).retry_after == 1
