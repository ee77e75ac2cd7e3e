"""Reference data that is kept: one reader at a time, the old value while there is no new one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Gate

import pytest

from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.kept import AGAIN_AFTER, LONGEST_STALE, Kept
from fhir_facade.errors import TimedOut, Unreachable
from tests.backends.athenahealth.conftest import Clock


class Source:
    """Counts its readings, and fails when told to."""

    def __init__(self) -> None:
        self.readings, self.down = 0, False

    def __call__(self, deadline: Deadline) -> tuple[int, float]:
        self.readings += 1
        if self.down:
            raise Unreachable("down")
        return self.readings, 100.0


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def kept(source: Source, clock: Clock) -> Kept[int]:
    return Kept(source, clock.seconds)


def test_a_value_is_read_once_in_its_life(kept: Kept[int], clock: Clock) -> None:
    assert [kept.get(Deadline(8)) for _ in range(3)] == [1, 1, 1]
    clock.forward(101)
    assert kept.get(Deadline(8)) == 2


def test_the_old_value_serves_while_the_source_is_down(kept: Kept[int], source: Source, clock: Clock) -> None:
    kept.get(Deadline(8))
    source.down = True
    clock.forward(101)
    assert [kept.get(Deadline(8)) for _ in range(3)] == [1, 1, 1]
    assert source.readings == 2
    clock.forward(AGAIN_AFTER + 1)
    source.down = False
    assert kept.get(Deadline(8)) == 3


def test_a_value_of_yesterday_is_not_served(kept: Kept[int], source: Source, clock: Clock) -> None:
    kept.get(Deadline(8))
    source.down = True
    clock.forward(LONGEST_STALE + 1)
    with pytest.raises(Unreachable):
        kept.get(Deadline(8))


def test_the_old_value_serves_while_another_caller_reads(clock: Clock) -> None:
    began, finish, values = Gate(), Gate(), iter([1, 2])

    def slow(deadline: Deadline) -> tuple[int, float]:
        value = next(values)
        if value == 2:
            began.set()
            assert finish.wait(10)
        return value, 100.0

    kept = Kept(slow, clock.seconds)
    kept.get(Deadline(8))
    clock.forward(101)
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(kept.get, Deadline(8))
        assert began.wait(10)
        assert kept.get(Deadline(0)) == 1
        finish.set()
        assert reading.result() == 2


def test_many_callers_read_once() -> None:
    began, finish, readings = Gate(), Gate(), []

    def slow(deadline: Deadline) -> tuple[int, float]:
        readings.append(1)
        began.set()
        assert finish.wait(10)
        return 7, 100.0

    kept = Kept(slow)
    with ThreadPoolExecutor(8) as pool:
        values = [pool.submit(kept.get, Deadline(8)) for _ in range(8)]
        assert began.wait(10)
        with pytest.raises(TimedOut):
            kept.get(Deadline(0))
        finish.set()
        assert {value.result() for value in values} == {7}
    assert len(readings) == 1
