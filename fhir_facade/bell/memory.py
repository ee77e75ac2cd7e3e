"""Verdicts on tokens, kept for a while under a hash; the bad ones apart, where they push out nothing good."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from fhir_facade.bell.claims import Claims
from fhir_facade.bell.refusal import Reason

MOST_GOOD, MOST_BAD = 4_096, 1_024
Verdict = Claims | Reason


@dataclass(frozen=True, slots=True)
class _Kept:
    verdict: Verdict
    until: float


class Memory:
    """Safe for threads.  ``clock`` is in seconds of the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._good: LRUCache[bytes, _Kept] = LRUCache(MOST_GOOD)
        self._bad: LRUCache[bytes, _Kept] = LRUCache(MOST_BAD)
        self._lock = threading.Lock()

    def recall(self, key: bytes) -> Verdict | None:
        """The verdict, if it still holds."""
        with self._lock:
            kept = self._good.get(key) or self._bad.get(key)
        return kept.verdict if kept is not None and self._clock() < kept.until else None

    def keep(self, key: bytes, verdict: Verdict, seconds: float) -> None:
        """Let a verdict hold for ``seconds``; it replaces the one before."""
        kept = _Kept(verdict, self._clock() + seconds)
        with self._lock:
            self._good.pop(key, None)
            self._bad.pop(key, None)
            (self._bad if isinstance(verdict, Reason) else self._good)[key] = kept
