"""One contract for the shared stores: memory, the state database (SQLite, PostgreSQL) and Redis."""

from __future__ import annotations

import multiprocessing
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from fhir_facade.backends.port import SharedStore
from fhir_facade.errors import StateUnavailable
from fhir_facade.state.database import Database
from fhir_facade.state.holding import held
from fhir_facade.state.memory import MemoryStore
from fhir_facade.state.redis import RedisStore
from fhir_facade.state.store import DatabaseStore
from tests.services import redis_url
from tests.state.conftest import Clock, at_once, opened, state_url


@dataclass
class Bench:
    """A store, a key that no other test uses, and a way to let time pass for the store."""

    store: SharedStore
    advance: Callable[[float], None]
    key: str


@contextmanager
def redis_bench(key: str) -> Iterator[Bench]:
    url = redis_url()
    with closing(RedisStore(url)) as store, closing(Redis.from_url(url)) as redis:

        def advance(seconds: float) -> None:
            for name in redis.scan_iter(f"*{key}*"):
                redis.pexpire(name, max(0, redis.pttl(name) - int(seconds * 1000)))

        yield Bench(store, advance, key)
        advance(1_000_000)


@pytest.fixture(params=["memory", "sqlite in memory", "sqlite file", "postgresql", "redis"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Bench]:
    key = uuid.uuid4().hex
    if request.param == "memory":
        yield Bench(MemoryStore(clock, clock.pause), clock.advance, key)
    elif request.param == "redis":
        with redis_bench(key) as bench:
            yield bench
    else:
        with state_url(request.param.split()[-1], tmp_path) as url, opened(url) as database:
            yield Bench(DatabaseStore(database, clock, clock.pause), clock.advance, key)


def test_a_value_is_kept_for_its_time_and_no_longer(bench: Bench) -> None:
    assert bench.store.get(bench.key) is None
    bench.store.put(bench.key, b"\x00\xff", 60)
    bench.advance(59)
    assert bench.store.get(bench.key) == b"\x00\xff"
    bench.advance(1)
    assert bench.store.get(bench.key) is None


def test_a_value_put_again_is_the_new_one_with_a_new_life(bench: Bench) -> None:
    bench.store.put(bench.key, b"old", 60)
    bench.advance(50)
    bench.store.put(bench.key, b"new", 60)
    bench.advance(50)
    assert bench.store.get(bench.key) == b"new"


@pytest.mark.parametrize("seconds", [0, -5])
def test_a_value_with_no_life_left_is_not_kept(bench: Bench, seconds: float) -> None:
    bench.store.put(bench.key, b"before", 60)
    bench.store.put(bench.key, b"expired", seconds)
    assert bench.store.get(bench.key) is None


def test_an_empty_value_is_a_value(bench: Bench) -> None:
    bench.store.put(bench.key, b"", 60)
    assert bench.store.get(bench.key) == b""


def test_a_counter_starts_at_nothing_and_lives_from_its_first_addition(bench: Bench) -> None:
    assert [bench.store.add(bench.key, amount, 60) for amount in (1, 5, -2)] == [1, 6, 4]
    bench.advance(59)
    assert bench.store.add(bench.key, 1, 60) == 5
    bench.advance(1)
    assert bench.store.add(bench.key, 1, 60) == 1


def test_a_value_a_counter_and_a_lock_of_one_name_do_not_meet(bench: Bench) -> None:
    with bench.store.lock(bench.key, 60):
        bench.store.put(bench.key, b"value", 60)
        assert bench.store.add(bench.key, 7, 60) == 7
        assert bench.store.get(bench.key) == b"value"


def test_a_lock_that_was_let_go_can_be_had_again(bench: Bench) -> None:
    for _ in range(3):
        with bench.store.lock(bench.key, 60):
            pass


def test_a_lock_is_let_go_when_its_holder_fails(bench: Bench) -> None:
    with pytest.raises(KeyError), bench.store.lock(bench.key, 60):
        raise KeyError("while holding")
    with bench.store.lock(bench.key, 60):
        pass


def test_locks_of_two_names_are_held_side_by_side(bench: Bench) -> None:
    with bench.store.lock(bench.key + "a", 60), bench.store.lock(bench.key + "b", 60):
        pass


def test_a_holder_that_dies_loses_the_lock_and_cannot_take_it_from_the_next(bench: Bench) -> None:
    with ExitStack() as dead, ExitStack() as living:
        dead.enter_context(bench.store.lock(bench.key, 30))
        bench.advance(30)
        living.enter_context(bench.store.lock(bench.key, 60))
        dead.close()  # comes back too late: the lock is another's now
        with pytest.raises(StateUnavailable), bench.store.lock(bench.key, 0.05):
            pytest.fail("the lock has a living holder")


def test_additions_of_many_threads_are_all_counted(bench: Bench) -> None:
    totals = at_once(4, lambda _: [bench.store.add(bench.key, 1, 60) for _ in range(25)])
    assert sorted(total for each in totals for total in each) == list(range(1, 101))


def count_under_a_lock(store: SharedStore, key: str, times: int) -> None:
    """Read, add one, write: right only if nobody comes between."""
    for _ in range(times):
        with store.lock(key, 60):
            store.put(key, str(int(store.get(key) or b"0") + 1).encode(), 60)


def test_a_lock_has_one_holder_among_many_threads(bench: Bench) -> None:
    at_once(4, lambda _: count_under_a_lock(bench.store, bench.key, 5))
    assert bench.store.get(bench.key) == b"20"


def work_in_a_process(url: str, key: str) -> None:
    """What a worker process does: opens the store for itself, counts with and without a lock."""
    if url.startswith("redis"):
        with closing(RedisStore(url)) as redis:
            _count_both_ways(redis, key)
    else:
        with opened(url) as database:
            _count_both_ways(DatabaseStore(database), key)


def _count_both_ways(store: SharedStore, key: str) -> None:
    for _ in range(50):
        store.add(key, 1, 60)
    count_under_a_lock(store, key, 10)


@pytest.mark.parametrize("kind", ["file", "postgresql", "redis"])
def test_processes_share_counters_and_locks(kind: str, tmp_path: Path) -> None:
    key = uuid.uuid4().hex
    with ExitStack() as stack:
        url = redis_url() if kind == "redis" else stack.enter_context(state_url(kind, tmp_path))
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            for done in [pool.submit(work_in_a_process, url, key) for _ in range(2)]:
                done.result(timeout=60)
        if kind == "redis":
            store: SharedStore = stack.enter_context(closing(RedisStore(url)))
        else:
            store = DatabaseStore(stack.enter_context(opened(url)))
        assert store.add(key, 0, 60) == 100
        assert store.get(key) == b"20"


def test_expired_rows_do_not_pile_up(database: Database, clock: Clock) -> None:
    store = DatabaseStore(database, clock)
    for second in range(50):
        store.add(f"quota:{second}", 1, 2)
        store.put(f"token:{second}", b"x", 2)
        clock.advance(1)
    with database.reading() as connection:
        for table in ("shared_counters", "shared_values"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() <= 3  # noqa: S608


def test_a_lock_that_is_never_let_go_is_given_up_after_a_while(clock: Clock) -> None:
    waited = held(lambda _: False, lambda _: None, patience=20, now=clock, pause=clock.advance)
    started = clock()
    with pytest.raises(StateUnavailable), waited:
        pytest.fail("nobody granted it")
    assert 20 <= clock() - started < 21


def test_what_was_done_under_a_lock_stands_when_letting_go_fails(clock: Clock) -> None:
    def lost(_: str) -> None:
        raise StateUnavailable("gone")

    with held(lambda _: True, lost, patience=20, now=clock, pause=clock.advance):
        done = True
    assert done


def test_a_redis_that_is_not_there_is_a_passing_trouble() -> None:
    with closing(RedisStore("redis://127.0.0.1:1/0")) as store:
        for ask in (store.ping, lambda: store.get("a"), lambda: store.put("a", b"", 1), lambda: store.add("a", 1, 1)):
            with pytest.raises(StateUnavailable):
                ask()
        with pytest.raises(StateUnavailable), store.lock("a", 1):
            pytest.fail("nobody granted it")
