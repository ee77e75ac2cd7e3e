"""Calls that run at once, without anybody waiting for a thread."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator

import pytest

from fhir_facade.backends.athenahealth.pool import Pool

REQUEST = contextvars.ContextVar("REQUEST", default="")


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(2)
    yield pool
    pool.close()


def fails() -> int:
    raise ZeroDivisionError


def test_both_results_are_there(pool: Pool) -> None:
    assert pool.both(lambda: 1, lambda: "a") == (1, "a")


@pytest.mark.parametrize("tasks", [(fails, lambda: 1), (lambda: 1, fails), (fails, fails)])
def test_a_failure_of_either_is_the_failure(pool: Pool, tasks: tuple[object, object]) -> None:
    with pytest.raises(ZeroDivisionError):
        pool.both(*tasks)  # type: ignore[arg-type]


def test_batches_keep_their_order_and_their_size(pool: Pool) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def task(number: int) -> int:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        with lock:
            inside -= 1
        return number

    tasks = [lambda number=number: task(number) for number in range(10)]
    assert pool.in_batches(tasks, 4) == list(range(10))
    assert most <= 4


def test_the_threads_know_for_whom_they_work(pool: Pool) -> None:
    REQUEST.set("r-1")
    assert pool.both(lambda: REQUEST.get(), lambda: REQUEST.get()) == ("r-1", "r-1")


def test_where_no_thread_is_free_the_caller_does_the_work() -> None:
    pool, leave = Pool(1), threading.Event()
    pool._executor.submit(leave.wait, 10)
    try:
        assert pool.both(lambda: 1, lambda: 2) == (1, 2)
    finally:
        leave.set()
        pool.close()


def test_no_thread_is_left_behind() -> None:
    pool = Pool(4)
    pool.in_batches([lambda: 1] * 8, 4)
    pool.close()
    pool.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("athenahealth")]
