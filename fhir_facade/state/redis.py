"""The shared store in Redis: for sites whose machines already share one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis import Redis
from redis.exceptions import RedisError

from fhir_facade.errors import StateUnavailable
from fhir_facade.state.holding import PATIENCE

_PREFIX = "fhir-facade"
_CONNECT_SECONDS, _ANSWER_SECONDS = 2.0, 5.0


class RedisStore:
    """A ``SharedStore`` in Redis, by URL (``redis://host:6379/0``, ``rediss://`` with TLS).

    Every failure of Redis is ``StateUnavailable`` (503).  ``ValueError``: not a Redis URL.
    """

    def __init__(self, url: str) -> None:
        self._client = Redis.from_url(
            url, socket_connect_timeout=_CONNECT_SECONDS, socket_timeout=_ANSWER_SECONDS, health_check_interval=30
        )

    def get(self, key: str) -> bytes | None:
        """The live value, or None."""
        with _translated():
            value = self._client.get(f"{_PREFIX}:value:{key}")
        return value if isinstance(value, bytes) else None

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep ``value`` for ``seconds``."""
        name, life = f"{_PREFIX}:value:{key}", _milliseconds(seconds)
        with _translated():
            if life > 0:
                self._client.set(name, value, px=life)
            else:
                self._client.delete(name)

    def add(self, key: str, amount: int, seconds: float) -> int:
        """Add to a counter and return its new value; a new counter starts at 0 and lives ``seconds``."""
        name, life = f"{_PREFIX}:counter:{key}", max(1, _milliseconds(seconds))
        with _translated(), self._client.pipeline(transaction=True) as both:
            both.set(name, 0, nx=True, px=life)
            both.incrby(name, amount)
            return int(both.execute()[1])

    @contextmanager
    def lock(self, key: str, seconds: float) -> Iterator[None]:
        """One holder at a time among all processes; a holder that dies loses it after ``seconds``."""
        name, patience = f"{_PREFIX}:lock:{key}", PATIENCE * seconds
        lock = self._client.lock(name, timeout=seconds, sleep=0.02, blocking_timeout=patience, thread_local=False)
        with _translated():
            if not lock.acquire():
                raise StateUnavailable("a shared lock was not let go in time")
        try:
            yield
        finally:
            with suppress(RedisError):  # what the holder did is done, and the lock ends by itself
                lock.release()

    def ping(self) -> None:
        """Return if Redis answers."""
        with _translated():
            self._client.ping()

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise StateUnavailable(f"shared store: {type(error).__name__}") from error
