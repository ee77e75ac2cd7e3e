"""Calls in flight are limited (production rule B8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Gate

import pytest

from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.seats import PATIENCE, Seats
from fhir_facade.errors import Throttled


def test_one_call_too_many_is_refused_as_busy() -> None:
    seats = Seats(1)
    with seats.seat(Deadline(8)):
        with pytest.raises(Throttled) as busy, seats.seat(Deadline(0.01)):
            pass
        assert busy.value.headers == {"Retry-After": "1"}
    with seats.seat(Deadline(0.01)):
        pass


def test_a_seat_is_given_back_when_a_call_fails() -> None:
    seats = Seats(1)
    with pytest.raises(ZeroDivisionError), seats.seat(Deadline(8)):
        raise ZeroDivisionError
    with seats.seat(Deadline(0.01)):
        pass


def test_a_burst_waits_a_moment_for_a_seat() -> None:
    seats, seated, leave = Seats(1), Gate(), Gate()

    def first() -> None:
        with seats.seat(Deadline(8)):
            seated.set()
            assert leave.wait(10)

    def second() -> bool:
        with seats.seat(Deadline(8)):
            return True

    with ThreadPoolExecutor() as pool:
        holding = pool.submit(first)
        assert seated.wait(10)
        waiting = pool.submit(second)
        leave.set()
        holding.result()
        assert waiting.result()


def test_nobody_queues_for_long() -> None:
    assert PATIENCE <= 2
