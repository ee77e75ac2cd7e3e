"""The shared store in the state database: for workers and machines of a site that has no Redis."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import TextClause, text

from fhir_facade.state.database import Database
from fhir_facade.state.holding import PATIENCE, held

# One statement each, so that no two processes can come between a look and a change.
_GET = text("SELECT value FROM shared_values WHERE key = :key AND expires > :now")
_PUT = text("""
    INSERT INTO shared_values (key, value, expires) VALUES (:key, :value, :expires)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires
""")
_FORGET_VALUES = text("DELETE FROM shared_values WHERE expires <= :now")
_ADD = text("""
    INSERT INTO shared_counters AS kept (key, value, expires) VALUES (:key, :amount, :expires)
    ON CONFLICT (key) DO UPDATE SET
        value = CASE WHEN kept.expires > :now THEN kept.value + excluded.value ELSE excluded.value END,
        expires = CASE WHEN kept.expires > :now THEN kept.expires ELSE excluded.expires END
    RETURNING value
""")
_FORGET_COUNTERS = text("DELETE FROM shared_counters WHERE expires <= :now")
_ACQUIRE = text("""
    INSERT INTO shared_locks AS kept (key, owner, expires) VALUES (:key, :owner, :expires)
    ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, expires = excluded.expires WHERE kept.expires <= :now
    RETURNING owner
""")
_RELEASE = text("DELETE FROM shared_locks WHERE key = :key AND owner = :owner")


class DatabaseStore:
    """A ``SharedStore`` in the state database.

    ``now`` is seconds since 1970: machines that share a database are expected to agree on the time to a second or so.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database, self._now, self._pause = database, now, pause

    def get(self, key: str) -> bytes | None:
        """The live value, or None."""
        with self._database.reading() as connection:
            value = connection.execute(_GET, {"key": key, "now": self._now()}).scalar()
        return None if value is None else bytes(value)

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep ``value`` for ``seconds``."""
        now = self._now()
        with self._database.writing() as connection:
            connection.execute(_PUT, {"key": key, "value": value, "expires": now + seconds})
        self._forget(_FORGET_VALUES, now)

    def add(self, key: str, amount: int, seconds: float) -> int:
        """Add to a counter and return its new value; a new counter starts at 0 and lives ``seconds``."""
        now = self._now()
        with self._database.writing() as connection:
            row = {"key": key, "amount": amount, "expires": now + seconds, "now": now}
            total = int(connection.execute(_ADD, row).scalar_one())
        if total == amount:  # a new counter, so there is time to look for old ones
            self._forget(_FORGET_COUNTERS, now)
        return total

    def lock(self, key: str, seconds: float) -> AbstractContextManager[None]:
        """One holder at a time among all processes; a holder that dies loses it after ``seconds``."""
        return held(
            lambda owner: self._acquire(key, owner, seconds),
            lambda owner: self._release(key, owner),
            PATIENCE * seconds,
            self._now,
            self._pause,
        )

    def _forget(self, statement: TextClause, now: float) -> None:
        # In a transaction of its own: rows in hand while others are deleted could make two processes wait in a ring.
        with self._database.writing() as connection:
            connection.execute(statement, {"now": now})

    def _acquire(self, key: str, owner: str, seconds: float) -> bool:
        now = self._now()
        with self._database.writing() as connection:
            row = {"key": key, "owner": owner, "expires": now + seconds, "now": now}
            return connection.execute(_ACQUIRE, row).scalar() == owner

    def _release(self, key: str, owner: str) -> None:
        with self._database.writing() as connection:
            connection.execute(_RELEASE, {"key": key, "owner": owner})
