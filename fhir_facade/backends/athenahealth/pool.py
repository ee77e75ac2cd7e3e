"""A few threads for calls that may run at once; a caller never waits for a free one, it does the work itself."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
Other = TypeVar("Other")


class Pool:
    """At most ``threads`` beside the callers' own.  Threads start when first needed and end at ``close``."""

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="athenahealth")

    def both(self, here: Callable[[], Result], there: Callable[[], Other]) -> tuple[Result, Other]:
        """Both results; the failure of ``here`` first.  Tasks end by their own deadlines."""
        started = self._start(there)
        try:
            mine = here()
        finally:
            begun = not started.cancel()
        return mine, started.result() if begun else there()

    def in_batches(self, tasks: Sequence[Callable[[], Result]], size: int) -> list[Result]:
        """The results in order, ``size`` tasks at a time."""
        results: list[Result] = []
        for start in range(0, len(tasks), size):
            batch = tasks[start : start + size]
            futures = [self._start(task) for task in batch]
            results += [self._finish(future, task) for future, task in zip(futures, batch, strict=True)]
        return results

    def close(self) -> None:
        """End the threads."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _start(self, task: Callable[[], Result]) -> Future[Result]:
        return self._executor.submit(contextvars.copy_context().run, task)

    @staticmethod
    def _finish(future: Future[Result], task: Callable[[], Result]) -> Result:
        """What the thread found; where none was free, found here."""
        return task() if future.cancel() else future.result()
