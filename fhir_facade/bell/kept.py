"""A document of the issuer's: fetched anew when it is old, and kept serving while a new one is not to be had."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from fhir_facade.errors import IssuerUnavailable

FRESH = 3600.0
LONGEST = 6 * 3600.0  # for which an old one serves while the issuer is down
RETRY = 5.0  # seconds between tries to replace an old one

Value = TypeVar("Value")


@dataclass(frozen=True)
class _Held(Generic[Value]):
    value: Value
    at: float


class Kept(Generic[Value]):
    """Safe for threads, which fetch one at a time.  ``clock`` is in seconds of the epoch."""

    def __init__(self, fetch: Callable[[], Value], clock: Callable[[], float]) -> None:
        self._fetch, self._clock = fetch, clock
        self._held: _Held[Value] | None = None
        self._asked = -RETRY
        self._lock = threading.Lock()
        self._beside, self._starting = threading.Thread(), threading.Lock()

    def get(self) -> Value:
        """The value, an hour old at most unless the issuer is down."""
        held = self._usable()
        if held is not None and (self._clock() < held.at + FRESH or self._lock.locked()):
            return held.value  # where another thread fetches, the old one still serves
        return self.anew(RETRY)

    def within(self, seconds: float) -> Value | None:
        """The value as it is known after ``seconds`` at most; None where it is not.  Does not fail.

        What is missing or old is fetched beside the caller, and that goes on when the caller has waited enough.
        """
        held = self._usable()
        if held is None or self._clock() >= held.at + FRESH:
            self._fetched_beside().join(seconds if held is None else 0)
            held = self._usable()
        return None if held is None else held.value

    def anew(self, spacing: float) -> Value:
        """Fetched now, if the last try is ``spacing`` seconds ago; else, or where that fails, the one at hand."""
        with self._lock:
            held, now = self._usable(), self._clock()
            if held is not None and abs(now - self._asked) < spacing:
                return held.value
            self._asked = now
            try:
                value = self._fetch()
            except IssuerUnavailable:
                if held is None:
                    raise
                return held.value
            self._held = _Held(value, now)
            return value

    def _fetched_beside(self) -> threading.Thread:
        with self._starting:
            if not self._beside.is_alive():
                self._beside = threading.Thread(target=self._try, name="issuer", daemon=True)
                self._beside.start()
            return self._beside

    def _try(self) -> None:
        with suppress(IssuerUnavailable):
            self.get()

    def _usable(self) -> _Held[Value] | None:
        held = self._held
        return held if held is not None and self._clock() < held.at + LONGEST else None
