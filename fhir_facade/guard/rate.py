"""How often one caller may ask: so many requests in a clock minute, counted here or where all machines count."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from hashlib import blake2b

from cachetools import TTLCache

from fhir_facade.errors import TooManyRequests
from fhir_facade.guard.caller import Caller

_MINUTE = 60
_CALLERS = 100_000

Add = Callable[[str, int, float], int]


class Rate:
    """``add`` counts: key, amount, seconds of life → the sum."""

    def __init__(self, per_minute: int, add: Add, now: Callable[[], dt.datetime]) -> None:
        self._per_minute, self._add, self._now = per_minute, add, now

    def admit(self, caller: Caller) -> None:
        """Return, or ``TooManyRequests`` with the seconds until the next minute."""
        minute, second = divmod(int(self._now().timestamp()), _MINUTE)
        name = blake2b(caller.name.encode(), digest_size=16).hexdigest()
        if self._add(f"rate:{name}:{minute}", 1, _MINUTE) > self._per_minute:
            raise TooManyRequests(_MINUTE - second)


class Counters:
    """Counters of this process alone, so many and no more: there may be one for each caller, at each minute."""

    def __init__(self) -> None:
        self._counted: TTLCache[str, int] = TTLCache(_CALLERS, ttl=2 * _MINUTE)
        self._lock = threading.Lock()

    def add(self, key: str, amount: int, seconds: float) -> int:
        """The sum; ``seconds`` are two minutes at most."""
        with self._lock:
            total = self._counted.get(key, 0) + amount
            self._counted[key] = total
        return total
