"""Waiting for a lock that expires: try, pause a little longer each time, give up, and let go at the end."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from fhir_facade.errors import StateUnavailable

PATIENCE = 2
"""A lock is waited for this many times its own life; then the caller is told that the state is busy."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1


@contextmanager
def held(
    acquire: Callable[[str], bool],
    release: Callable[[str], None],
    patience: float,
    now: Callable[[], float],
    pause: Callable[[float], None],
) -> Iterator[None]:
    """Hold what ``acquire(owner)`` grants.  ``patience`` in seconds; ``StateUnavailable`` when it is not granted."""
    owner = secrets.token_hex(16)
    deadline, wait = now() + patience, _FIRST_PAUSE
    while not acquire(owner):
        if now() >= deadline:
            raise StateUnavailable("a shared lock was not let go in time")
        pause(wait * random.uniform(0.5, 1.0))  # noqa: S311 (waiters should not march in step; no secret)
        wait = min(wait * 1.5, _LONGEST_PAUSE)
    try:
        yield
    finally:
        with suppress(StateUnavailable):  # what the holder did is done, and the lock ends by itself
            release(owner)
